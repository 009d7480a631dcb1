//! Who gets the free places of the window: start-time fair queueing (Goyal, Vin, Cheng, 1996) over tenants by weight,
//! then over a tenant's jobs by share.
//!
//! Each member has a virtual time: the places it got so far, over its weight. The one that lags behind most is next. So
//! members that always want places get them in the ratio of their weights, to within one place each however small the
//! window is and however the free places come in; and since the broker hands out what it got in that order, tasks end in
//! that ratio too. Whoever wanted nothing for a while, or was held by a limit, goes on where the others are: it neither
//! catches up nor pays for its absence.

mod level;

use std::collections::HashMap;

use uuid::Uuid;

use level::Level;

/// A tenant, as far as its places are concerned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TenantShare {
    /// Its share against the other tenants.
    pub(crate) weight: f64,
    /// How many more of its tasks may be dispatched.
    pub(crate) room: u64,
}

/// A job that wants places.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) job: Uuid,
    pub(crate) tenant: String,
    /// Its share against the tenant's other jobs.
    pub(crate) share: f64,
    /// Only the highest of a tenant gets places.
    pub(crate) priority: i32,
    /// How many more of its tasks there are, and may be dispatched.
    pub(crate) room: u64,
}

/// Remembers what everybody got.
#[derive(Debug, Default)]
pub(crate) struct Fairness {
    tenants: Level<String>,
    jobs: HashMap<String, Level<Uuid>>,
}

impl Fairness {
    /// Divides `places` among candidates: how many each gets, in their order. What is given here counts as got;
    /// [`Self::give_back`] takes back what a job could not use.
    pub(crate) fn divide(
        &mut self,
        places: u64,
        candidates: &[Candidate],
        tenants: &HashMap<String, TenantShare>,
    ) -> Vec<u64> {
        let mut given = vec![0; candidates.len()];
        let mut waiting: Vec<Waiting<'_>> = Vec::new();
        for (nth, candidate) in candidates
            .iter()
            .enumerate()
            .filter(|(_, candidate)| candidate.room > 0)
        {
            match waiting.iter_mut().find(|tenant| *tenant.name == candidate.tenant) {
                Some(tenant) => tenant.jobs.push(nth),
                None => {
                    let TenantShare { weight, room } = tenants[&candidate.tenant];
                    waiting.push(Waiting {
                        name: &candidate.tenant,
                        weight,
                        room,
                        jobs: vec![nth],
                    });
                }
            }
        }
        waiting.retain(|tenant| tenant.room > 0);
        for _ in 0..places {
            let Some(next) = self.tenants.next(waiting.iter().map(|tenant| tenant.name)) else {
                break;
            };
            let tenant = &mut waiting[next];
            let highest = tenant.jobs.iter().map(|nth| candidates[*nth].priority).max();
            let (places_in, level) = (&tenant.jobs, self.jobs.entry(tenant.name.to_owned()).or_default());
            let first: Vec<usize> = places_in
                .iter()
                .copied()
                .filter(|nth| Some(candidates[*nth].priority) == highest)
                .collect();
            let Some(of_first) = level.next(first.iter().map(|nth| &candidates[*nth].job)) else {
                break;
            };
            let nth = first[of_first];
            level.got(&candidates[nth].job, candidates[nth].share);
            self.tenants.got(tenant.name, tenant.weight);
            given[nth] += 1;
            tenant.room -= 1;
            if given[nth] == candidates[nth].room {
                tenant.jobs.retain(|other| *other != nth);
            }
            if tenant.room == 0 || tenant.jobs.is_empty() {
                waiting.swap_remove(next);
            }
        }
        given
    }

    /// A job did not use so many of the places that it was given.
    pub(crate) fn give_back(&mut self, candidate: &Candidate, weight: f64, places: u64) {
        self.tenants.give_back(&candidate.tenant, weight, places);
        if let Some(level) = self.jobs.get_mut(&candidate.tenant) {
            level.give_back(&candidate.job, candidate.share, places);
        }
    }

    /// Forgets everybody who is gone.
    pub(crate) fn retain(&mut self, candidates: &[Candidate]) {
        self.tenants
            .retain(|name| candidates.iter().any(|candidate| candidate.tenant == *name));
        self.jobs.retain(|name, level| {
            level.retain(|id| candidates.iter().any(|candidate| candidate.job == *id));
            candidates.iter().any(|candidate| candidate.tenant == *name)
        });
    }
}

/// A tenant that wants places.
struct Waiting<'a> {
    name: &'a String,
    weight: f64,
    room: u64,
    /// Its candidates that want more, by their place in the list.
    jobs: Vec<usize>,
}

#[cfg(test)]
mod tests;
