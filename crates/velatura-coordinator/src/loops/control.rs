use std::sync::Arc;
use std::time::Duration;

use velatura_proto::{from_json, v1};
use velatura_queue::Heard;

use super::Halt;
use crate::context::{Context, millis, now};
use crate::control;
use crate::lead::Lead;

/// How often withheld jobs are called out; workers believe it five times as long.
const ANNOUNCE_EVERY: Duration = Duration::from_secs(2);
/// Messages of a job that ended longer ago are not looked for any more.
const REMEMBERED: Duration = Duration::from_secs(86_400);
/// The most jobs that are called out.
const MOST: usize = 1000;

/// Hears what other coordinators, and workers, call out: a job has changed, somebody wants to know what is withheld.
pub(super) async fn listen(context: Arc<Context>) {
    let mut listener = context.broker.listen();
    while let Some(heard) = context.stop.run_until_cancelled(listener.next()).await {
        let Heard::Called(body) = heard else { continue };
        match from_json::<v1::Control>(&body) {
            Ok(control) => {
                if control.asks {
                    context.signals.announce.notify_one();
                }
                for id in control.changed.iter().filter_map(|id| id.parse().ok()) {
                    context.signals.changed(id);
                    context.signals.expand.notify_one();
                    context.signals.dispatch.notify_one();
                }
            }
            Err(error) => tracing::debug!(%error, "what was called out can't be read"),
        }
    }
}

/// Says again and again whose tasks no worker must begin: workers that were not there, or could not hear, hear it then.
pub(super) async fn announce(lead: Lead) {
    loop {
        match withheld(&lead).await {
            Ok(jobs) if jobs.is_empty() => {}
            Ok(withheld) => lead.call_out(control::withheld(&withheld)).await,
            Err(halt) => tracing::debug!(%halt, "nobody can be asked what is withheld"),
        }
        let wait = tokio::time::timeout(ANNOUNCE_EVERY, lead.signals.announce.notified());
        if lead.over.run_until_cancelled(wait).await.is_none() {
            return;
        }
    }
}

async fn withheld(lead: &Lead) -> Result<Vec<uuid::Uuid>, Halt> {
    let since = now().saturating_sub(millis(REMEMBERED));
    Ok(lead.ledger.withheld(since, MOST).await?)
}
