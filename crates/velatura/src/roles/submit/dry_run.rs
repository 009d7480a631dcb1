//! What a job would do, for people.

use velatura_proto::v1::DryRunReport;

use crate::exit::Ended;

/// Prints it; problems make it an end with failures.
pub(super) fn show(report: &DryRunReport) -> Ended {
    let at_least = if report.complete { "" } else { "at least " };
    println!("{at_least}{} photos{}", report.photos, size(report.bytes));
    if report.skipped > 0 {
        println!("about {} of them have their pictures already", report.skipped);
    }
    if let (Some(rate), Some(hours)) = (report.rate, report.hours) {
        println!("about {hours:.1} hours at {rate:.2} photos a second");
    }
    if let Some(bytes) = report.output_bytes {
        println!("pictures of about {}", spoken(bytes));
    }
    for output in report.example_outputs.iter().take(3) {
        println!("  {output}");
    }
    if report.problem_count > 0 {
        println!("{} problems, among them:", report.problem_count);
        for problem in &report.problems {
            println!("  {} ({})", problem.message, problem.code);
        }
    }
    println!("How this is known:");
    for basis in &report.basis {
        println!("  {basis}");
    }
    match report.problem_count {
        0 => Ended::AllDone,
        _ => Ended::SomeFailed,
    }
}

fn size(bytes: Option<u64>) -> String {
    bytes.map(|bytes| format!(", {}", spoken(bytes))).unwrap_or_default()
}

fn spoken(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}
