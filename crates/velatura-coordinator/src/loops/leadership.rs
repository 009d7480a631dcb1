use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use velatura_ledger::Token;
use velatura_queue::Lane;
use velatura_telemetry::{Condition, Readiness};

use super::{archive, control, dispatch, expansion, reconcile, samples, settle, spawn, staging};
use crate::context::Context;
use crate::lead::Lead;

/// The name of a coordinator whose broker is its own: whatever holds the lease under it is an earlier run of the same.
const ALONE: &str = "alone";

/// Asks to lead, and while it does runs what only one coordinator may run: expansion, dispatch, reconcile. All others
/// serve and record meanwhile, and one of them follows within the lease and a third of it when the leader dies.
///
/// The leader renews its lease three times within its life. It stops by its own clock a sixth of the lease before others
/// may follow, however slow or far the ledger is by then, so that two never work at once; should it sleep through that,
/// the ledger refuses its token.
pub(super) async fn run(context: Arc<Context>, readiness: Readiness, dispatch: [Condition; 2]) {
    let alone = context.config.reclaim_at_start;
    let holder = match alone {
        true => ALONE.to_owned(),
        false => uuid::Uuid::new_v4().to_string(),
    };
    let mut first = true;
    loop {
        let asked = Instant::now();
        match context.ledger.lead(&holder, ttl(&context)).await {
            Ok(Some(token)) => {
                let lead = Lead::new(&context, token);
                readiness.fact("leading", "true");
                context.metrics.leader.set(1);
                tracing::info!(%holder, %token, "leading");
                if !(alone && first) || took_back(&lead).await {
                    first = false;
                    serve(&lead, asked, &dispatch).await;
                }
                context.metrics.leader.set(0);
                tracing::info!(%token, "no longer leading");
            }
            Ok(None) => tracing::debug!(%holder, "another coordinator leads"),
            Err(error) => tracing::debug!(%error, "nobody can be asked who leads"),
        }
        readiness.fact("leading", "false");
        // Who does not dispatch has no trouble with it.
        dispatch.iter().for_each(Condition::holds);
        if !context.pause(beat(&context)).await {
            return;
        }
    }
}

/// What was dispatched to a broker that is gone is taken back before anything else happens.
async fn took_back(lead: &Lead) -> bool {
    match reconcile::take_back(lead).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "what was dispatched before can't be taken back yet");
            false
        }
    }
}

/// Works until the lease is lost, or everything is to end.
async fn serve(lead: &Lead, asked: Instant, [bulk, interactive]: &[Condition; 2]) {
    let mut loops = JoinSet::new();
    spawn(&mut loops, "expansion", expansion::run(lead.clone()));
    let bulk = dispatch::run(lead.clone(), Lane::Bulk, bulk.clone());
    let interactive = dispatch::run(lead.clone(), Lane::Interactive, interactive.clone());
    spawn(&mut loops, "dispatch", bulk);
    spawn(&mut loops, "dispatch of what somebody waits for", interactive);
    spawn(&mut loops, "settle", settle::run(lead.clone()));
    spawn(&mut loops, "staging", staging::run(lead.clone()));
    spawn(&mut loops, "announce", control::announce(lead.clone()));
    spawn(&mut loops, "reconcile", reconcile::run(lead.clone()));
    spawn(&mut loops, "samples", samples::run(lead.clone()));
    spawn(&mut loops, "archive", archive::run(lead.clone()));
    tokio::select! {
        () = keep(lead, asked) => {}
        Some(ended) = loops.join_next() => propagate(ended),
    }
    lead.over.cancel();
    while let Some(ended) = loops.join_next().await {
        propagate(ended);
    }
    // Nobody has to wait for what is not needed any more; should this fail, the lease ends by itself.
    if let Ok(Err(error)) = tokio::time::timeout(beat(lead), lead.ledger.resign(lead.token)).await {
        tracing::debug!(%error, "the lease ends by itself");
    }
}

/// Renews the lease until it is lost.
async fn keep(lead: &Lead, asked: Instant) {
    let mut sure_until = asked + sure(lead);
    let mut wait = beat(lead);
    while lead.pause(wait.min(sure_until - Instant::now())).await {
        let asked = Instant::now();
        wait = match timeout_at(sure_until, renewed(lead, lead.token)).await {
            Ok(Ok(true)) => {
                sure_until = asked + sure(lead);
                beat(lead)
            }
            Ok(Ok(false)) => return tracing::warn!(token = %lead.token, "another coordinator has taken over"),
            Ok(Err(error)) if Instant::now() < sure_until => {
                tracing::debug!(%error, "the lease can't be renewed yet");
                beat(lead) / 10
            }
            Ok(Err(_)) | Err(_) => return tracing::warn!(token = %lead.token, "the lease could not be renewed in time"),
        };
    }
}

async fn renewed(lead: &Lead, token: Token) -> Result<bool, velatura_ledger::LedgerError> {
    lead.ledger.renew(token, ttl(lead)).await
}

fn ttl(context: &Context) -> Duration {
    Duration::from_secs_f64(context.config.leader_lease_seconds)
}

/// Between two renewals, and between two looks whether the lease is free.
fn beat(context: &Context) -> Duration {
    ttl(context) / 3
}

/// How long after it was asked for a lease certainly holds.
fn sure(context: &Context) -> Duration {
    ttl(context) - ttl(context) / 6
}

/// A loop that panicked ends the coordinator.
fn propagate(ended: Result<&'static str, tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        std::panic::resume_unwind(error.into_panic());
    }
}
