use std::io::Write as _;
use std::ops::Range;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use velatura_ledger::Job;

use super::ReportError;
use crate::context::Context;
use crate::jobs::view;

/// Tasks read at a time.
const PAGE: u64 = 1000;

/// `part-00000.jsonl.gz`.
pub(super) fn name(part: u32) -> String {
    format!("part-{part:05}.jsonl.gz")
}

/// A line of JSON for each of these tasks, as the API tells them, packed. Only what is packed is held in memory.
pub(super) async fn pack(context: &Context, job: &Job, tasks: Range<u64>) -> Result<Bytes, ReportError> {
    let submission = context.submission(job).ok();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    let mut from = tasks.start;
    while from < tasks.end {
        let limit = PAGE.min(tasks.end - from) as usize;
        let page = context.ledger.tasks(job.id, None, from, limit).await?;
        let Some(last) = page.last() else { break };
        from = last.seq + 1;
        for task in page.into_iter().take_while(|task| task.seq < tasks.end) {
            let mut line = serde_json::to_vec(&view::task(submission.as_deref(), job, task)).expect("a task is JSON");
            line.push(b'\n');
            packed.write_all(&line).expect("memory takes bytes");
        }
        // A long report leaves room for others.
        tokio::task::yield_now().await;
    }
    Ok(packed.finish().expect("memory takes bytes").into())
}

/// In hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
