//! What a coordinator does without being asked: long-lived loops that share nothing but the ledger, the broker and the
//! signals that wake them. Each survives the ledger and the broker being away, and each finishes what it has in hand
//! when it is told to stop. What only one may do runs in the coordinator that leads.

mod archive;
mod control;
mod dead;
mod dispatch;
mod expansion;
mod health;
mod leadership;
mod reconcile;
mod record;
mod results;
mod samples;
mod settle;
mod staging;
mod webhooks;

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinSet;
use velatura_telemetry::Readiness;

use crate::context::Context;
use crate::lead::Lead;

pub(crate) use dead::POISON;
pub(crate) use results::decided;

/// Starts them all; each gives its name when it ends.
pub(crate) fn start(context: &Arc<Context>, readiness: &Readiness, into: &mut JoinSet<&'static str>) {
    let (ledger, broker) = (readiness.condition("ledger"), readiness.condition("broker"));
    let results = readiness.condition("results");
    let dispatch = ["dispatch", "interactive"].map(|name| readiness.condition(name));
    spawn(into, "health", health::run(Arc::clone(context), ledger, broker));
    spawn(into, "results", results::run(Arc::clone(context), results));
    spawn(into, "dead", dead::run(Arc::clone(context)));
    spawn(into, "control", control::listen(Arc::clone(context)));
    spawn(into, "webhooks", webhooks::run(Arc::clone(context)));
    let leadership = leadership::run(Arc::clone(context), readiness.clone(), dispatch);
    spawn(into, "leadership", leadership);
}

fn spawn(into: &mut JoinSet<&'static str>, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
    into.spawn(async move {
        work.await;
        name
    });
}

/// One round of a loop, measured.
async fn round<T, E>(context: &Context, name: &'static str, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let begun = Instant::now();
    let result = work.await;
    let metrics = &context.metrics;
    metrics
        .loop_seconds
        .with_label_values(&[name])
        .observe(begun.elapsed().as_secs_f64());
    if result.is_err() {
        metrics.loop_failures_total.with_label_values(&[name]).inc();
    }
    result
}

/// What kept a loop from its work.
#[derive(Debug, thiserror::Error)]
enum Halt {
    #[error(transparent)]
    Ledger(#[from] velatura_ledger::LedgerError),
    #[error(transparent)]
    Broker(#[from] velatura_queue::QueueError),
}

impl Halt {
    /// It may mean that another coordinator leads.
    fn heed(&self, lead: &Lead) {
        match self {
            Self::Ledger(error) => lead.heed(error),
            Self::Broker(_) => {}
        }
    }
}
