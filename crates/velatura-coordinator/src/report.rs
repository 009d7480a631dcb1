//! The record of an ended job in object storage: a line of JSON for each task, packed in parts of a hundred thousand, and
//! a summary with the checksum of each part.
//!
//! A part depends on nothing but the tasks, so that one which is written again, after a kill, is the same.

mod part;

use bytes::Bytes;
use serde::Serialize;
use velatura_ledger::{Job, LedgerError, ReportPart};
use velatura_objects::{Location, ObjectError, PutOptions};
use velatura_proto::v1;

use crate::context::{Context, request};
use crate::jobs::view;
use crate::submission::{Refusal, destination_of};

/// Tasks in a part.
const PART_TASKS: u64 = 100_000;

/// Why a report is not complete.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// Where it belongs can't be read out of the submission.
    #[error(transparent)]
    Submission(#[from] Refusal),
}

#[derive(Serialize)]
struct Summary {
    version: u32,
    /// As the API tells it, with its counters and its errors by code.
    job: v1::Job,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    name: String,
    tasks: u64,
    bytes: u64,
    sha256: String,
}

/// Where a job's report lies.
pub(crate) fn folder(destination: &Location, job: &Job) -> Location {
    destination.join(&format!("_velatura/reports/{}/", job.id))
}

/// Where its summary lies.
pub(crate) fn summary(destination: &Location, job: &Job) -> Location {
    folder(destination, job).join("summary.json")
}

/// Writes what is missing of a job's report.
pub(crate) async fn write(context: &Context, job: &Job) -> Result<(), ReportError> {
    let Some(ended_at) = job.ended_at else {
        return Ok(());
    };
    let destination = destination_of(&request(job)?)?;
    let folder = folder(&destination, job);
    let mut parts = context.ledger.report_parts(job.id, ended_at).await?;
    let wanted = job.counters.total().div_ceil(PART_TASKS);
    while (parts.len() as u64) < wanted {
        let part = parts.len() as u32;
        let first = u64::from(part) * PART_TASKS;
        let body = part::pack(context, job, first..first + PART_TASKS).await?;
        let stored = ReportPart {
            part,
            tasks: PART_TASKS.min(job.counters.total() - first),
            bytes: body.len() as u64,
            sha256: part::sha256(&body),
        };
        put(context, &folder.join(&part::name(part)), body, "application/gzip").await?;
        context.ledger.add_report_part(job.id, ended_at, &stored).await?;
        parts.push(stored);
    }
    let errors = context.ledger.errors(job.id).await?;
    let summary = Summary {
        version: 1,
        job: v1::Job {
            report: None,
            errors: errors.into_iter().map(view::error_count).collect(),
            ..view::brief(context, job)
        },
        parts: parts
            .into_iter()
            .map(|stored| Part {
                name: part::name(stored.part),
                tasks: stored.tasks,
                bytes: stored.bytes,
                sha256: stored.sha256,
            })
            .collect(),
    };
    let body = serde_json::to_vec_pretty(&summary).expect("a summary is JSON");
    put(context, &folder.join("summary.json"), body.into(), "application/json").await?;
    context.ledger.reported(job.id, ended_at, None).await?;
    tracing::info!(job = %job.id, parts = summary.parts.len(), report = %folder, "report written");
    Ok(())
}

async fn put(context: &Context, location: &Location, body: Bytes, kind: &str) -> Result<(), ReportError> {
    let (store, key) = context.stores.open(location)?;
    let options = PutOptions {
        content_type: Some(kind.to_owned()),
        ..PutOptions::default()
    };
    store.put(&key, body, options).await?;
    Ok(())
}

impl ReportError {
    /// Whether it may be written later without anyone doing anything.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Ledger(error) => error.is_transient(),
            Self::Objects(error) => error.is_transient(),
            Self::Submission(_) => false,
        }
    }
}
