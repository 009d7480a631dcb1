mod send;

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;
use velatura_ledger::{Gate, Job, Tenant};
use velatura_queue::Lane;
use velatura_telemetry::Condition;

use super::{Halt, round};
use crate::context::{OPEN, OPEN_JOBS};
use crate::fairness::{Candidate, Fairness, TenantShare};
use crate::lead::Lead;

/// How long what is known of the tenants is good for.
const TENANTS_FOR: Duration = Duration::from_secs(1);

/// Keeps one lane's window full: moves pending tasks from the ledger to the broker, in fair shares, whenever there is room.
///
/// It sleeps until a signal says that there is something to do, at most a tick, because retries become due with time. Each
/// lane has a loop of its own, so that nobody who waits has to wait for a round of the other.
pub(super) async fn run(lead: Lead, lane: Lane, condition: Condition) {
    let mut dispatcher = Dispatcher {
        lead: lead.clone(),
        lane,
        fairness: Fairness::default(),
        tenants: HashMap::new(),
        tenants_at: None,
    };
    let name = match lane {
        Lane::Bulk => "dispatch",
        Lane::Interactive => "dispatch-interactive",
    };
    let mut failures = 0;
    loop {
        let filled = round(&lead, name, dispatcher.fill(failures > 0)).await;
        condition.follows(&filled);
        let go_on = match filled {
            Ok(()) => {
                failures = 0;
                let signal = tokio::time::timeout(lead.config.tick(), lead.signals.dispatch.notified(lane));
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
    lane: Lane,
    fairness: Fairness,
    tenants: HashMap<String, Tenant>,
    tenants_at: Option<Instant>,
}

impl Dispatcher {
    /// One round: as many tasks as the window has room for. After a failure the broker is asked first whether it is
    /// back, so that nothing is dispatched only to be taken back.
    async fn fill(&mut self, failed_before: bool) -> Result<(), Halt> {
        let lead = self.lead.clone();
        let open = lead.ledger.jobs_in(&OPEN, OPEN_JOBS).await?;
        let backlog = lead.ledger.backlog().await?;
        let (window, running) = match self.lane {
            Lane::Bulk => (lead.config.window_tasks, backlog.dispatched - backlog.interactive),
            Lane::Interactive => (lead.config.interactive_window_tasks, backlog.interactive),
        };
        let free = u64::from(window).saturating_sub(running);
        let mut tenants = self.tenants(&open).await?;
        let wanting: Vec<Job> = open
            .into_iter()
            .filter(|job| job.state.dispatches() && job.counters.pending > 0 && lane_of(job) == self.lane)
            .collect();
        if failed_before {
            lead.broker.check().await?;
        }
        if self.share_out(free, wanting, &mut tenants).await? == 0 {
            lead.broker.check().await?;
        }
        Ok(())
    }

    /// The weight of each tenant that has open jobs, and how many more of its tasks may be dispatched.
    async fn tenants(&mut self, open: &[Job]) -> Result<HashMap<String, TenantShare>, Halt> {
        let stale = self.tenants_at.is_none_or(|at| at.elapsed() > TENANTS_FOR);
        if stale || open.iter().any(|job| !self.tenants.contains_key(&job.tenant)) {
            // Who is not recorded is remembered, too, so that nobody is asked for in every round.
            let nameless = open.iter().map(|job| Tenant::new(&job.tenant));
            let recorded = self.lead.ledger.tenants().await?;
            self.tenants = nameless
                .chain(recorded)
                .map(|tenant| (tenant.name.clone(), tenant))
                .collect();
            self.tenants_at = Some(Instant::now());
        }
        let mut running: HashMap<&str, u64> = HashMap::new();
        for job in open {
            *running.entry(&job.tenant).or_default() += job.counters.dispatched;
        }
        let share = |(name, running): (&str, u64)| {
            let known = self.tenants.get(name);
            let share = TenantShare {
                weight: known.map_or(1.0, |tenant| tenant.weight),
                room: known
                    .and_then(|tenant| tenant.max_running)
                    .map_or(u64::MAX, |most| most.saturating_sub(running)),
            };
            (name.to_owned(), share)
        };
        Ok(running.into_iter().map(share).collect())
    }

    /// Hands out `places` until they, or the due tasks, are used up; gives how many were taken.
    async fn share_out(
        &mut self,
        places: u64,
        mut wanting: Vec<Job>,
        tenants: &mut HashMap<String, TenantShare>,
    ) -> Result<u64, Halt> {
        let mut free = places;
        let all: Vec<Candidate> = wanting.iter().map(candidate).collect();
        self.fairness.retain(&all);
        while free > 0 && !wanting.is_empty() {
            let candidates: Vec<Candidate> = wanting.iter().map(candidate).collect();
            // Not all at once, so that what lies in the broker is well mixed.
            let given = self.fairness.divide(free.min(send::BATCH as u64), &candidates, tenants);
            if given.iter().all(|places| *places == 0) {
                break;
            }
            let mut still_wanting = Vec::with_capacity(wanting.len());
            for ((mut job, candidate), given) in wanting.into_iter().zip(candidates).zip(given) {
                let sent = match usize::try_from(given).unwrap_or(usize::MAX) {
                    0 => 0,
                    wanted => send::send(&self.lead, &job, self.lane, wanted).await? as u64,
                };
                free = free.saturating_sub(sent);
                job.counters.dispatched += sent;
                job.counters.pending = job.counters.pending.saturating_sub(sent);
                let tenant = tenants.get_mut(&job.tenant);
                let weight = tenant.map_or(1.0, |tenant| {
                    tenant.room = tenant.room.saturating_sub(sent);
                    tenant.weight
                });
                if sent < given {
                    // It has only tasks left that are not due yet.
                    self.fairness.give_back(&candidate, weight, given - sent);
                } else if job.counters.pending > 0 {
                    still_wanting.push(job);
                }
            }
            wanting = still_wanting;
        }
        Ok(places - free)
    }
}

fn candidate(job: &Job) -> Candidate {
    let limit = job.terms.max_running.unwrap_or(u64::MAX);
    Candidate {
        job: job.id,
        tenant: job.tenant.clone(),
        share: job.terms.share,
        priority: job.terms.priority,
        room: job.counters.pending.min(limit.saturating_sub(job.counters.dispatched)),
    }
}

/// Which way a job's tasks go. Samples are looked at by somebody who waits for them.
fn lane_of(job: &Job) -> Lane {
    match job.terms.interactive || job.gate == Gate::Sampling {
        true => Lane::Interactive,
        false => Lane::Bulk,
    }
}
