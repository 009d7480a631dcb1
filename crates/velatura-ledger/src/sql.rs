//! The ledger on a database: one set of queries for PostgreSQL and SQLite.
//!
//! Every change follows one pattern: begin, **lock the job's record**, change tasks set-wise, count what really changed,
//! save the record, commit. Jobs are locked first and in one order, so that two writers wait for each other and never
//! block each other for good; tasks are changed only under their job's lock.

mod access;
mod archive;
mod claims;
mod connect;
mod copy;
mod database;
mod dead;
mod dialect;
mod dispatch;
mod end;
mod errors;
mod expand;
mod failure;
mod find;
mod given;
mod items;
mod lease;
mod link;
mod list;
mod migrate;
mod outbox;
mod quota;
mod record;
mod reopen;
mod report;
mod rows;
mod samples;
mod steer;
mod submit;
mod tasks;

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

pub use connect::connect;
use database::Database;

use crate::{
    Archive, Backlog, Job, JobState, Leader, Leases, Ledger, LedgerError, Millis, NewJob, NewTask, Refusal, Report,
    ReportPart, Task, TaskState, Token,
};

/// No call lasts longer, whatever the network does.
const CALL_LIMIT: Duration = Duration::from_secs(60);

/// Jobs and tasks in a database.
#[derive(Debug)]
struct SqlLedger {
    database: Database,
    ids: submit::Ids,
}

/// Gives a call its time limit.
async fn within<T>(call: impl Future<Output = Result<T, LedgerError>> + Send) -> Result<T, LedgerError> {
    let late = |_| LedgerError::Unavailable {
        reason: format!("no answer within {} s", CALL_LIMIT.as_secs()),
    };
    tokio::time::timeout(CALL_LIMIT, call).await.map_err(late)?
}

#[async_trait]
impl Leases for SqlLedger {
    async fn lead(&self, holder: &str, ttl: Duration) -> Result<Option<Token>, LedgerError> {
        within(lease::lead(&self.database, holder, ttl)).await
    }

    async fn renew(&self, token: Token, ttl: Duration) -> Result<bool, LedgerError> {
        within(lease::renew(&self.database, token, ttl)).await
    }

    async fn resign(&self, token: Token) -> Result<(), LedgerError> {
        within(lease::resign(&self.database, token)).await
    }

    async fn leader(&self) -> Result<Option<Leader>, LedgerError> {
        within(lease::leader(&self.database)).await
    }
}

#[async_trait]
impl Ledger for SqlLedger {
    async fn submit(&self, job: NewJob) -> Result<Job, LedgerError> {
        within(submit::submit(&self.database, &self.ids, &job)).await
    }

    async fn earlier(&self, tenant: &str, key: &str, request_hash: &str) -> Result<Option<Job>, LedgerError> {
        within(submit::earlier(&self.database, tenant, key, request_hash)).await
    }

    async fn job(&self, id: Uuid) -> Result<Job, LedgerError> {
        within(list::job(&self.database, id)).await
    }

    async fn jobs(&self, tenant: Option<&str>, before: Option<Uuid>, limit: usize) -> Result<Vec<Job>, LedgerError> {
        within(list::jobs(&self.database, tenant, before, limit)).await
    }

    async fn jobs_in(&self, states: &[JobState], limit: usize) -> Result<Vec<Job>, LedgerError> {
        within(list::jobs_in(&self.database, states, limit)).await
    }

    async fn tasks(
        &self,
        id: Uuid,
        state: Option<TaskState>,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Task>, LedgerError> {
        within(list::tasks(&self.database, id, state, from, limit)).await
    }

    async fn expand(
        &self,
        token: Token,
        id: Uuid,
        expected: Option<&str>,
        tasks: &[NewTask],
        cursor: Option<&str>,
        now: Millis,
    ) -> Result<Job, LedgerError> {
        within(expand::expand(&self.database, token, id, expected, tasks, cursor, now)).await
    }

    async fn fail(&self, token: Token, id: Uuid, why: &Refusal, now: Millis) -> Result<Job, LedgerError> {
        within(end::fail(&self.database, token, id, why, now)).await
    }

    async fn dispatch(&self, token: Token, id: Uuid, limit: usize, now: Millis) -> Result<Vec<Task>, LedgerError> {
        within(dispatch::dispatch(&self.database, token, id, limit, now)).await
    }

    async fn undispatch(&self, token: Token, id: Uuid, tasks: &[(u64, u32)]) -> Result<(), LedgerError> {
        within(dispatch::undispatch(&self.database, token, id, tasks)).await
    }

    async fn report(&self, reports: &[Report], now: Millis) -> Result<Vec<Job>, LedgerError> {
        within(report::report(&self.database, reports, now)).await
    }

    async fn reclaim(&self, token: Token, before: Millis, limit: usize, now: Millis) -> Result<Vec<Task>, LedgerError> {
        within(dispatch::reclaim(&self.database, token, before, limit, now)).await
    }

    async fn cancel(&self, id: Uuid, reason: &str, now: Millis) -> Result<Job, LedgerError> {
        within(end::cancel(&self.database, id, reason, now)).await
    }

    async fn settle(&self, token: Token, limit: usize, now: Millis) -> Result<usize, LedgerError> {
        within(end::settle(&self.database, token, limit, now)).await
    }

    async fn pause(&self, id: Uuid, reason: &str) -> Result<Job, LedgerError> {
        within(steer::pause(&self.database, id, reason)).await
    }

    async fn resume(&self, id: Uuid) -> Result<Job, LedgerError> {
        within(steer::resume(&self.database, id)).await
    }

    async fn settle_samples(&self) -> Result<Vec<Job>, LedgerError> {
        within(samples::settle(&self.database)).await
    }

    async fn approve(&self, id: Uuid) -> Result<Job, LedgerError> {
        within(samples::approve(&self.database, id)).await
    }

    async fn backlog(&self) -> Result<Backlog, LedgerError> {
        within(list::backlog(&self.database)).await
    }

    async fn check(&self) -> Result<(), LedgerError> {
        within(list::check(&self.database)).await
    }
}

#[async_trait]
impl Archive for SqlLedger {
    async fn unreported(&self, limit: usize) -> Result<Vec<Job>, LedgerError> {
        within(archive::unreported(&self.database, limit)).await
    }

    async fn report_parts(&self, id: Uuid, ended_at: Millis) -> Result<Vec<ReportPart>, LedgerError> {
        within(archive::parts(&self.database, id, ended_at)).await
    }

    async fn add_report_part(&self, id: Uuid, ended_at: Millis, part: &ReportPart) -> Result<(), LedgerError> {
        within(archive::add_part(&self.database, id, ended_at, part)).await
    }

    async fn reported(&self, id: Uuid, ended_at: Millis, error: Option<&str>) -> Result<(), LedgerError> {
        within(archive::reported(&self.database, id, ended_at, error)).await
    }

    async fn purge(&self, keep: Option<Millis>, limit: usize, now: Millis) -> Result<usize, LedgerError> {
        within(archive::purge(&self.database, keep, limit, now)).await
    }

    async fn give_back_claims(&self, limit: usize) -> Result<usize, LedgerError> {
        within(claims::give_back(&self.database, limit)).await
    }
}
