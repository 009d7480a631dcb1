//! The report in object storage, held against the job.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};
use velatura_objects::Location;

use crate::client;
use crate::servers::stores;

/// How long it may take to be written once the job has ended.
const PATIENCE: Duration = Duration::from_secs(300);

/// Waits for a job's report, and checks that it tells of every task once, as done.
pub(super) async fn check(endpoint: &str, job: &str, tasks: u64) -> Result<()> {
    let folder = Location::parse(&client::destination())?.join(&format!("_velatura/reports/{job}/"));
    let read = async |name: &str| {
        let (store, key) = stores(endpoint)?.open(&folder.join(name))?;
        anyhow::Ok(store.get(&key, u64::MAX).await?.body)
    };
    // The summary comes last.
    let summary = async {
        loop {
            match read("summary.json").await {
                Ok(summary) => return summary,
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    };
    let summary = tokio::time::timeout(PATIENCE, summary)
        .await
        .context("no report was written")?;
    let summary: serde_json::Value = serde_json::from_slice(&summary)?;
    let mut told = BTreeSet::new();
    for part in summary["parts"].as_array().context("a summary has parts")? {
        let name = part["name"].as_str().context("a part has a name")?;
        let packed = read(name).await?;
        let sum: String = Sha256::digest(&packed)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        ensure!(part["sha256"] == sum, "{name} is not what the summary says");
        let mut lines = String::new();
        MultiGzDecoder::new(&packed[..]).read_to_string(&mut lines)?;
        for line in lines.lines() {
            let task: serde_json::Value = serde_json::from_str(line)?;
            ensure!(
                task["state"] == "DONE",
                "the report tells of a task that is not done: {line}"
            );
            let seq = task["seq"].as_str().unwrap_or("0").parse::<u64>()?;
            ensure!(told.insert(seq), "the report tells of task {seq} twice");
        }
    }
    let complete = told.len() as u64 == tasks && told.last() == Some(&(tasks - 1));
    ensure!(complete, "the report tells of {} of {tasks} tasks", told.len());
    Ok(())
}
