mod send;

use velatura_ledger::Job;
use velatura_telemetry::Condition;

use super::{Halt, round};
use crate::context::{OPEN, OPEN_JOBS};
use crate::lead::Lead;
use crate::shares::shares;

/// Keeps the window full: moves pending tasks from the ledger to the broker, in fair shares, whenever there is room.
///
/// It sleeps until a signal says that there is something to do, at most a tick, because retries become due with time.
pub(super) async fn run(lead: Lead, condition: Condition) {
    let mut dispatcher = Dispatcher {
        lead: lead.clone(),
        turn: 0,
    };
    let mut failures = 0;
    loop {
        let filled = round(&lead, "dispatch", dispatcher.fill(failures > 0)).await;
        condition.follows(&filled);
        let go_on = match filled {
            Ok(()) => {
                failures = 0;
                let signal = tokio::time::timeout(lead.config.tick(), lead.signals.dispatch.notified());
                lead.over.run_until_cancelled(signal).await.is_some()
            }
            Err(halt) => {
                failures += 1;
                halt.heed(&lead);
                lead.back_off(failures).await
            }
        };
        if !go_on {
            return;
        }
    }
}

struct Dispatcher {
    lead: Lead,
    /// Who is served first when places can't be divided.
    turn: usize,
}

impl Dispatcher {
    /// One round: as many tasks as the window has room for. After a failure the broker is asked first whether it is
    /// back, so that nothing is dispatched only to be taken back.
    async fn fill(&mut self, failed_before: bool) -> Result<(), Halt> {
        let lead = self.lead.clone();
        let open = lead.ledger.jobs_in(&OPEN, OPEN_JOBS).await?;
        let backlog = lead.ledger.backlog().await?;
        let free = u64::from(lead.config.window_tasks).saturating_sub(backlog.dispatched);
        let wanting: Vec<Job> = open
            .into_iter()
            .filter(|job| job.state.dispatches() && job.counters.pending > 0)
            .collect();
        if failed_before {
            lead.broker.check().await?;
        }
        if self.share_out(free, wanting).await? == 0 {
            lead.broker.check().await?;
        }
        Ok(())
    }

    /// Hands out `places` until they, or the due tasks, are used up; gives how many were taken.
    async fn share_out(&mut self, places: u64, mut wanting: Vec<Job>) -> Result<u64, Halt> {
        let mut free = places;
        self.turn = self.turn.wrapping_add(1);
        if !wanting.is_empty() {
            let first = self.turn % wanting.len();
            wanting.rotate_left(first);
        }
        while free > 0 && !wanting.is_empty() {
            let load: Vec<_> = wanting
                .iter()
                .map(|job| (job.counters.dispatched, job.counters.pending))
                .collect();
            let mut still_wanting = Vec::with_capacity(wanting.len());
            for (mut job, share) in wanting.into_iter().zip(shares(free, &load)) {
                let wanted = usize::try_from(share).unwrap_or(usize::MAX).min(send::BATCH);
                let sent = if wanted > 0 {
                    send::send(&self.lead, &job, wanted).await?
                } else {
                    0
                };
                free = free.saturating_sub(sent as u64);
                job.counters.dispatched += sent as u64;
                job.counters.pending = job.counters.pending.saturating_sub(sent as u64);
                // A job that gave fewer than it was asked for has only tasks left that are not due yet.
                if sent == wanted && job.counters.pending > 0 {
                    still_wanting.push(job);
                }
            }
            wanting = still_wanting;
        }
        Ok(places - free)
    }
}
