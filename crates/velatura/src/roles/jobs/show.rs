//! Jobs and tasks for people.

use velatura_proto::v1::{Counters, Job, TaskStatus};

/// A state as a word: `running`.
pub(super) fn word(state: &str) -> String {
    state.to_lowercase().replace('_', " ")
}

/// One line a job.
pub(super) fn line(job: &Job) {
    let counters = job.counters.unwrap_or_default();
    let reason = reason(job).map_or_else(String::new, |reason| format!("  {reason}"));
    println!(
        "{}  {:<10} {:<40} {}{reason}",
        job.id,
        word(job.state().as_str_name()),
        counts(&counters),
        job.created_at
    );
}

/// Why it is in its state, with the code where it has one.
pub(super) fn reason(job: &Job) -> Option<String> {
    match (job.reason.as_str(), job.code.as_str()) {
        ("", _) => None,
        (reason, "") => Some(reason.to_owned()),
        (reason, code) => Some(format!("{reason} ({code})")),
    }
}

/// Counters that are not zero.
pub(super) fn counts(counters: &Counters) -> String {
    let named = [
        (counters.done, "done"),
        (counters.skipped, "skipped"),
        (counters.failed, "failed"),
        (counters.cancelled, "cancelled"),
        (counters.dispatched, "in work"),
        (counters.pending, "waiting"),
    ];
    let parts: Vec<String> = named
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    format!(
        "{} photos: {}",
        counters.total,
        if parts.is_empty() {
            "none yet".to_owned()
        } else {
            parts.join(", ")
        }
    )
}

/// Everything about one job.
pub(super) fn whole(job: &Job) {
    line(job);
    let source = job.source.clone().unwrap_or_default();
    let from = match (source.manifest, source.prefix.as_str()) {
        (Some(manifest), "") => manifest.url,
        (Some(manifest), prefix) => format!("{} below {prefix}", manifest.url),
        (None, "") => format!("{} objects", source.objects.len()),
        (None, prefix) => prefix.to_owned(),
    };
    let to = job.destination.clone().unwrap_or_default();
    println!("  from     {from}");
    println!("  to       {} as {}", to.prefix, to.template);
    for recipe in &job.recipes {
        println!("  recipe   {}", serde_json::to_string(recipe).unwrap_or_default());
    }
    if !job.description.is_empty() {
        println!("  about    {}", job.description);
    }
    if job.samples > 0 {
        println!("  samples  {} {}", job.samples, word(job.approval().as_str_name()));
    }
    if let Some(report) = &job.report {
        println!(
            "  report   {} {} {}",
            report.url,
            word(report.state().as_str_name()),
            report.message
        );
    }
    if !job.purged_at.is_empty() {
        println!("  purged   {}", job.purged_at);
    }
    for error in &job.errors {
        println!(
            "  error    {}: {} failed, {} tried again",
            error.code, error.failed, error.retried
        );
    }
    if !job.ended_at.is_empty() {
        println!("  ended    {}", job.ended_at);
    }
}

/// One line a task.
pub(super) fn task(task: &TaskStatus) {
    let fault = if task.code.is_empty() {
        String::new()
    } else {
        format!("  {} ({})", task.message, task.code)
    };
    println!(
        "{:>8}  {:<10} {} attempts  {}{fault}",
        task.seq,
        word(task.state().as_str_name()),
        task.attempts,
        task.source
    );
}
