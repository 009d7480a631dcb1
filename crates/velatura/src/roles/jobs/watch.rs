//! A job's progress, live.

use anyhow::{Result, bail};
use velatura_proto::v1::{self, job::State};

use super::{Client, refusal, show};
use crate::exit::Ended;
use crate::progress;

/// Follows a job to its end; some failed is an end, too.
pub(crate) async fn follow(client: &mut Client, id: &str) -> Result<Ended> {
    let request = v1::GetJobRequest { id: id.to_owned() };
    let mut changes = client.watch_job(request).await.map_err(refusal)?.into_inner();
    let bar = progress::bar(0, "photos");
    let mut last = None;
    while let Some(job) = changes.message().await.map_err(refusal)? {
        let counters = job.counters.unwrap_or_default();
        bar.set_length(counters.total);
        bar.set_position(counters.done + counters.skipped + counters.failed + counters.cancelled);
        bar.set_message(match job.state() {
            State::Expanding => "photos so far",
            State::Paused => "photos, paused",
            _ => "photos",
        });
        last = Some(job);
    }
    bar.finish_and_clear();
    let Some(job) = last else {
        bail!("the coordinator said nothing about job {id}")
    };
    println!(
        "{}: {}",
        show::word(job.state().as_str_name()),
        show::counts(&job.counters.unwrap_or_default())
    );
    if let Some(reason) = show::reason(&job) {
        println!("{reason}");
    }
    let failed = job.counters.unwrap_or_default().failed;
    if failed > 0 {
        println!("See what went wrong: velatura jobs tasks {id} --state failed");
    }
    Ok(if job.state() == State::Done && failed == 0 {
        Ended::AllDone
    } else {
        Ended::SomeFailed
    })
}
