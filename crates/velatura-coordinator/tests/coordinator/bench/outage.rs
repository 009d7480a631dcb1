//! A broker and a ledger whose connection a test can cut. Underneath they are the real ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Semaphore;
use uuid::Uuid;
use velatura_ledger::{
    Access, ApiKey, Archive, Backlog, DeadLetter, DeadLetters, Delivered, Delivery, ErrorCount, Job, JobState, Leader,
    Leases, Ledger, LedgerError, Millis, NewDeadLetter, NewJob, NewTask, NewTerms, Outbox, Refusal, Report, ReportPart,
    Steering, Task, TaskFilter, TaskPage, TaskState, Tenant, Token, Webhook,
};
use velatura_queue::{Broker, Consumer, Depth, Listener, Message, QueueError, QueueName};

/// Cut: every call fails. It counts the calls that failed, so that a test can wait until the cut was noticed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fuse {
    cut: Arc<AtomicBool>,
    struck: Arc<AtomicU64>,
}

impl Fuse {
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }

    pub(crate) fn mend(&self) {
        self.cut.store(false, Ordering::SeqCst);
    }

    pub(crate) fn struck(&self) -> u64 {
        self.struck.load(Ordering::SeqCst)
    }

    fn is_cut(&self) -> bool {
        let cut = self.cut.load(Ordering::SeqCst);
        if cut {
            self.struck.fetch_add(1, Ordering::SeqCst);
        }
        cut
    }

    fn broker(&self) -> Result<(), QueueError> {
        match self.is_cut() {
            true => Err(QueueError::Unavailable {
                reason: "the test has cut the line to the broker".into(),
            }),
            false => Ok(()),
        }
    }

    fn ledger(&self) -> Result<(), LedgerError> {
        match self.is_cut() {
            true => Err(LedgerError::Unavailable {
                reason: "the test has cut the line to the ledger".into(),
            }),
            false => Ok(()),
        }
    }
}

/// A broker behind a fuse. What was consumed before the cut goes on, as with a connection of its own.
#[derive(Debug)]
pub(crate) struct UnreliableBroker {
    pub(crate) inner: Arc<dyn Broker>,
    pub(crate) fuse: Fuse,
    /// Loses the confirmations of every second message that is published, though the message arrives.
    pub(crate) loses_confirms: AtomicBool,
}

#[async_trait]
impl Broker for UnreliableBroker {
    async fn declare(&self, queue: &QueueName) -> Result<(), QueueError> {
        self.fuse.broker()?;
        self.inner.declare(queue).await
    }

    async fn publish(&self, queue: &QueueName, messages: Vec<Message>) -> Vec<Result<(), QueueError>> {
        if let Err(error) = self.fuse.broker() {
            return vec![Err(error); messages.len()];
        }
        let mut results = self.inner.publish(queue, messages).await;
        if self.loses_confirms.swap(false, Ordering::SeqCst) {
            for result in results.iter_mut().skip(1).step_by(2) {
                *result = Err(QueueError::Timeout {
                    what: "confirm a message",
                    after: std::time::Duration::from_secs(1),
                });
            }
        }
        results
    }

    async fn consume(&self, queue: &QueueName, prefetch: u16) -> Result<Consumer, QueueError> {
        self.inner.consume(queue, prefetch).await
    }

    async fn depth(&self, queue: &QueueName) -> Result<Depth, QueueError> {
        self.fuse.broker()?;
        self.inner.depth(queue).await
    }

    async fn call_out(&self, body: Bytes) -> Result<(), QueueError> {
        self.fuse.broker()?;
        self.inner.call_out(body).await
    }

    fn listen(&self) -> Listener {
        self.inner.listen()
    }

    async fn check(&self) -> Result<(), QueueError> {
        self.fuse.broker()?;
        self.inner.check().await
    }
}

/// A ledger behind a fuse.
#[derive(Debug)]
pub(crate) struct UnreliableLedger {
    pub(crate) inner: Arc<dyn Ledger>,
    pub(crate) fuse: Fuse,
    /// Pages of an expansion that may still be recorded; the next one waits.
    pub(crate) pages: Arc<Semaphore>,
    /// Parts of reports that may still be recorded.
    pub(crate) parts: Arc<Semaphore>,
}

impl UnreliableLedger {
    pub(crate) fn new(inner: &Arc<dyn Ledger>, fuse: &Fuse) -> Self {
        Self {
            inner: Arc::clone(inner),
            fuse: fuse.clone(),
            pages: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            parts: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        }
    }
}

#[async_trait]
impl Access for UnreliableLedger {
    async fn tenants(&self) -> Result<Vec<Tenant>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.tenants().await
    }

    async fn put_tenant(&self, tenant: &Tenant) -> Result<(), LedgerError> {
        self.fuse.ledger()?;
        self.inner.put_tenant(tenant).await
    }

    async fn add_key(&self, key: &ApiKey) -> Result<(), LedgerError> {
        self.fuse.ledger()?;
        self.inner.add_key(key).await
    }

    async fn key(&self, id: &str) -> Result<Option<ApiKey>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.key(id).await
    }

    async fn keys(&self) -> Result<Vec<ApiKey>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.keys().await
    }

    async fn revoke_key(&self, id: &str, now: Millis) -> Result<Option<ApiKey>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.revoke_key(id, now).await
    }

    async fn touch_key(&self, id: &str, now: Millis) -> Result<(), LedgerError> {
        self.fuse.ledger()?;
        self.inner.touch_key(id, now).await
    }
}

#[async_trait]
impl Steering for UnreliableLedger {
    async fn set_terms(&self, id: Uuid, terms: &NewTerms) -> Result<Job, LedgerError> {
        self.fuse.ledger()?;
        self.inner.set_terms(id, terms).await
    }

    async fn retry_failed(&self, id: Uuid, codes: &[String], now: Millis) -> Result<Job, LedgerError> {
        self.fuse.ledger()?;
        self.inner.retry_failed(id, codes, now).await
    }

    async fn retry_task(&self, id: Uuid, seq: u64, code: &str, now: Millis) -> Result<Job, LedgerError> {
        self.fuse.ledger()?;
        self.inner.retry_task(id, seq, code, now).await
    }

    async fn revise(&self, id: Uuid, revision: u32, request: &str, now: Millis) -> Result<Job, LedgerError> {
        self.fuse.ledger()?;
        self.inner.revise(id, revision, request, now).await
    }

    async fn reopen(&self, token: Token, limit: usize, now: Millis) -> Result<usize, LedgerError> {
        self.fuse.ledger()?;
        self.inner.reopen(token, limit, now).await
    }

    async fn errors(&self, id: Uuid) -> Result<Vec<ErrorCount>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.errors(id).await
    }

    async fn find(&self, id: Uuid, filter: &TaskFilter, from: u64, limit: usize) -> Result<TaskPage, LedgerError> {
        self.fuse.ledger()?;
        self.inner.find(id, filter, from, limit).await
    }

    async fn withheld(&self, since: Millis, limit: usize) -> Result<Vec<Uuid>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.withheld(since, limit).await
    }
}

#[async_trait]
impl DeadLetters for UnreliableLedger {
    async fn bury(&self, letter: &NewDeadLetter) -> Result<(), LedgerError> {
        self.fuse.ledger()?;
        self.inner.bury(letter).await
    }

    async fn dead_letters(&self, before: Option<u64>, limit: usize) -> Result<Vec<DeadLetter>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.dead_letters(before, limit).await
    }

    async fn dead_letter(&self, id: u64) -> Result<DeadLetter, LedgerError> {
        self.fuse.ledger()?;
        self.inner.dead_letter(id).await
    }

    async fn unbury(&self, id: u64) -> Result<(), LedgerError> {
        self.fuse.ledger()?;
        self.inner.unbury(id).await
    }
}

#[async_trait]
impl Leases for UnreliableLedger {
    async fn lead(&self, holder: &str, ttl: Duration) -> Result<Option<Token>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.lead(holder, ttl).await
    }

    async fn renew(&self, token: Token, ttl: Duration) -> Result<bool, LedgerError> {
        self.fuse.ledger()?;
        self.inner.renew(token, ttl).await
    }

    async fn resign(&self, token: Token) -> Result<(), LedgerError> {
        self.fuse.ledger()?;
        self.inner.resign(token).await
    }

    async fn leader(&self) -> Result<Option<Leader>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.leader().await
    }
}

#[async_trait]
impl Outbox for UnreliableLedger {
    async fn add_webhook(&self, webhook: &Webhook) -> Result<(), LedgerError> {
        self.fuse.ledger()?;
        self.inner.add_webhook(webhook).await
    }

    async fn webhooks(&self, tenant: Option<&str>) -> Result<Vec<Webhook>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.webhooks(tenant).await
    }

    async fn delete_webhook(&self, id: &str) -> Result<(), LedgerError> {
        self.fuse.ledger()?;
        self.inner.delete_webhook(id).await
    }

    async fn take_news(&self, limit: usize, now: Millis, until: Millis) -> Result<Vec<Delivery>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.take_news(limit, now, until).await
    }

    async fn settle_news(&self, delivery: &Delivery, ending: &Delivered) -> Result<(), LedgerError> {
        self.fuse.ledger()?;
        self.inner.settle_news(delivery, ending).await
    }
}

#[async_trait]
impl Ledger for UnreliableLedger {
    async fn submit(&self, job: NewJob) -> Result<Job, LedgerError> {
        self.fuse.ledger()?;
        self.inner.submit(job).await
    }

    async fn earlier(&self, tenant: &str, key: &str, request_hash: &str) -> Result<Option<Job>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.earlier(tenant, key, request_hash).await
    }

    async fn job(&self, id: Uuid) -> Result<Job, LedgerError> {
        self.fuse.ledger()?;
        self.inner.job(id).await
    }

    async fn jobs(&self, tenant: Option<&str>, before: Option<Uuid>, limit: usize) -> Result<Vec<Job>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.jobs(tenant, before, limit).await
    }

    async fn jobs_in(&self, states: &[JobState], limit: usize) -> Result<Vec<Job>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.jobs_in(states, limit).await
    }

    async fn tasks(
        &self,
        id: Uuid,
        state: Option<TaskState>,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Task>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.tasks(id, state, from, limit).await
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
        self.pages.acquire().await.unwrap().forget();
        self.fuse.ledger()?;
        self.inner.expand(token, id, expected, tasks, cursor, now).await
    }

    async fn fail(&self, token: Token, id: Uuid, why: &Refusal, now: Millis) -> Result<Job, LedgerError> {
        self.fuse.ledger()?;
        self.inner.fail(token, id, why, now).await
    }

    async fn dispatch(&self, token: Token, id: Uuid, limit: usize, now: Millis) -> Result<Vec<Task>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.dispatch(token, id, limit, now).await
    }

    async fn undispatch(&self, token: Token, id: Uuid, tasks: &[(u64, u32)]) -> Result<(), LedgerError> {
        self.fuse.ledger()?;
        self.inner.undispatch(token, id, tasks).await
    }

    async fn report(&self, reports: &[Report], now: Millis) -> Result<Vec<Job>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.report(reports, now).await
    }

    async fn reclaim(&self, token: Token, before: Millis, limit: usize, now: Millis) -> Result<Vec<Task>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.reclaim(token, before, limit, now).await
    }

    async fn cancel(&self, id: Uuid, reason: &str, now: Millis) -> Result<Job, LedgerError> {
        self.fuse.ledger()?;
        self.inner.cancel(id, reason, now).await
    }

    async fn settle(&self, token: Token, limit: usize, now: Millis) -> Result<usize, LedgerError> {
        self.fuse.ledger()?;
        self.inner.settle(token, limit, now).await
    }

    async fn pause(&self, id: Uuid, reason: &str) -> Result<Job, LedgerError> {
        self.fuse.ledger()?;
        self.inner.pause(id, reason).await
    }

    async fn resume(&self, id: Uuid) -> Result<Job, LedgerError> {
        self.fuse.ledger()?;
        self.inner.resume(id).await
    }

    async fn settle_samples(&self) -> Result<Vec<Job>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.settle_samples().await
    }

    async fn approve(&self, id: Uuid) -> Result<Job, LedgerError> {
        self.fuse.ledger()?;
        self.inner.approve(id).await
    }

    async fn backlog(&self) -> Result<Backlog, LedgerError> {
        self.fuse.ledger()?;
        self.inner.backlog().await
    }

    async fn check(&self) -> Result<(), LedgerError> {
        self.fuse.ledger()?;
        self.inner.check().await
    }
}

#[async_trait]
impl Archive for UnreliableLedger {
    async fn unreported(&self, limit: usize) -> Result<Vec<Job>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.unreported(limit).await
    }

    async fn report_parts(&self, id: Uuid, ended_at: Millis) -> Result<Vec<ReportPart>, LedgerError> {
        self.fuse.ledger()?;
        self.inner.report_parts(id, ended_at).await
    }

    async fn add_report_part(&self, id: Uuid, ended_at: Millis, part: &ReportPart) -> Result<(), LedgerError> {
        self.parts.acquire().await.unwrap().forget();
        self.fuse.ledger()?;
        self.inner.add_report_part(id, ended_at, part).await
    }

    async fn reported(&self, id: Uuid, ended_at: Millis, error: Option<&str>) -> Result<(), LedgerError> {
        self.fuse.ledger()?;
        self.inner.reported(id, ended_at, error).await
    }

    async fn purge(&self, keep: Option<Millis>, limit: usize, now: Millis) -> Result<usize, LedgerError> {
        self.fuse.ledger()?;
        self.inner.purge(keep, limit, now).await
    }

    async fn give_back_claims(&self, limit: usize) -> Result<usize, LedgerError> {
        self.fuse.ledger()?;
        self.inner.give_back_claims(limit).await
    }
}
