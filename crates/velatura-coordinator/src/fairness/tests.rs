use std::collections::VecDeque;

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

use super::*;

fn candidate(job: u128, tenant: &str) -> Candidate {
    Candidate {
        job: Uuid::from_u128(job),
        tenant: tenant.to_owned(),
        share: 1.0,
        priority: 0,
        room: u64::MAX,
    }
}

fn tenants(weights: &[(&str, f64)]) -> HashMap<String, TenantShare> {
    let share = |weight| TenantShare { weight, room: u64::MAX };
    weights
        .iter()
        .map(|(name, weight)| ((*name).to_owned(), share(*weight)))
        .collect()
}

/// A window over a first-in, first-out queue. Every round so many tasks end as the workers take, and their places are
/// divided anew. Gives how many tasks of each candidate ended.
fn throughput(
    rng: &mut SmallRng,
    window: u64,
    rounds: usize,
    candidates: &[Candidate],
    tenants: &HashMap<String, TenantShare>,
) -> Vec<u64> {
    let mut fairness = Fairness::default();
    let mut queue: VecDeque<usize> = VecDeque::new();
    let mut ended = vec![0; candidates.len()];
    for _ in 0..rounds {
        let free = window - queue.len() as u64;
        for (nth, places) in fairness.divide(free, candidates, tenants).into_iter().enumerate() {
            queue.extend(std::iter::repeat_n(nth, places as usize));
        }
        for _ in 0..rng.random_range(0..=window.min(40)) {
            if let Some(nth) = queue.pop_front() {
                ended[nth] += 1;
            }
        }
    }
    ended
}

#[test]
fn tenants_of_weights_1_2_4_end_tasks_in_that_ratio_whatever_the_window() {
    let candidates = [candidate(1, "a"), candidate(2, "b"), candidate(3, "c")];
    let tenants = tenants(&[("a", 1.0), ("b", 2.0), ("c", 4.0)]);
    let mut rng = SmallRng::seed_from_u64(1);
    for window in [1, 2, 3, 5, 7, 64, 1000] {
        let ended = throughput(&mut rng, window, 6000, &candidates, &tenants);
        let all: u64 = ended.iter().sum();
        for (ended, weight) in ended.iter().zip([1.0, 2.0, 4.0]) {
            let (is, should) = (*ended as f64 / all as f64, weight / 7.0);
            assert!(
                (is / should - 1.0).abs() < 0.02,
                "window {window}: {is} instead of {should}"
            );
        }
    }
}

#[test]
fn any_members_get_their_shares_to_within_a_place() {
    for seed in 0..50 {
        let mut rng = SmallRng::seed_from_u64(seed);
        let members = rng.random_range(1..8);
        let names: Vec<String> = (0..members).map(|nth| format!("tenant {nth}")).collect();
        let weights: Vec<(&str, f64)> = names
            .iter()
            .map(|name| (name.as_str(), rng.random_range(0.1..10.0)))
            .collect();
        let tenants = tenants(&weights);
        let mut candidates = Vec::new();
        for (nth, name) in names.iter().enumerate() {
            for job in 0..rng.random_range(1..4_u128) {
                candidates.push(Candidate {
                    share: rng.random_range(0.1..10.0),
                    ..candidate(nth as u128 * 10 + job, name)
                });
            }
        }
        let mut fairness = Fairness::default();
        let mut got = vec![0; candidates.len()];
        let mut all = 0;
        for _ in 0..300 {
            let places = rng.random_range(0..30);
            all += places;
            let given = fairness.divide(places, &candidates, &tenants);
            assert_eq!(given.iter().sum::<u64>(), places, "no place stays empty");
            got.iter_mut().zip(given).for_each(|(got, given)| *got += given);
        }
        let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
        for (name, weight) in &weights {
            let of_tenant = |nth: &usize| candidates[*nth].tenant == *name;
            let jobs: Vec<usize> = (0..candidates.len()).filter(of_tenant).collect();
            let got_all: u64 = jobs.iter().map(|nth| got[*nth]).sum();
            let should = all as f64 * weight / total;
            // Each may be a place ahead or behind, and the members are up to seven of very different weights.
            let most = 1.0 + weight / weights.iter().map(|(_, weight)| *weight).fold(f64::MAX, f64::min);
            assert!(
                (got_all as f64 - should).abs() <= most,
                "seed {seed}: {name} {got_all}, not {should}"
            );
            let shares: f64 = jobs.iter().map(|nth| candidates[*nth].share).sum();
            for nth in jobs {
                let should = got_all as f64 * candidates[nth].share / shares;
                let least = candidates
                    .iter()
                    .map(|candidate| candidate.share)
                    .fold(f64::MAX, f64::min);
                let most = 1.0 + candidates[nth].share / least;
                assert!(
                    (got[nth] as f64 - should).abs() <= most,
                    "seed {seed}: job {nth} {} not {should}",
                    got[nth]
                );
            }
        }
    }
}

#[test]
fn who_comes_late_gets_its_share_and_nothing_for_the_past() {
    let (early, late) = (candidate(1, "a"), candidate(2, "b"));
    let tenants = tenants(&[("a", 1.0), ("b", 1.0)]);
    let mut fairness = Fairness::default();
    assert_eq!(fairness.divide(500, std::slice::from_ref(&early), &tenants), [500]);
    assert_eq!(fairness.divide(100, &[early, late], &tenants), [50, 50]);
}

#[test]
fn what_one_can_not_use_goes_to_the_others() {
    let small = Candidate {
        room: 3,
        ..candidate(1, "a")
    };
    let large = candidate(2, "b");
    let tenants = tenants(&[("a", 9.0), ("b", 1.0)]);
    let mut fairness = Fairness::default();
    assert_eq!(fairness.divide(10, &[small.clone(), large.clone()], &tenants), [3, 7]);
    assert_eq!(fairness.divide(10, &[], &tenants), [] as [u64; 0]);
    // Given back, it does not count.
    fairness.give_back(&large, 1.0, 7);
    assert_eq!(fairness.divide(2, &[small, large], &tenants), [1, 1]);
}

#[test]
fn limits_hold_and_leave_no_debt() {
    let jobs = [candidate(1, "a"), candidate(2, "b")];
    let mut limited = tenants(&[("a", 4.0), ("b", 1.0)]);
    limited.get_mut("a").unwrap().room = 2;
    let mut fairness = Fairness::default();
    for _ in 0..5 {
        assert_eq!(fairness.divide(10, &jobs, &limited), [2, 8]);
    }
    let given = fairness.divide(10, &jobs, &tenants(&[("a", 4.0), ("b", 1.0)]));
    assert!((7..=9).contains(&given[0]), "{given:?}");
    limited.get_mut("a").unwrap().room = 0;
    assert_eq!(fairness.divide(10, &jobs, &limited), [0, 10]);
}

#[test]
fn of_a_tenants_jobs_the_highest_priority_comes_first() {
    let urgent = Candidate {
        priority: 5,
        room: 4,
        ..candidate(1, "a")
    };
    let jobs = [candidate(2, "a"), urgent, candidate(3, "b")];
    let tenants = tenants(&[("a", 1.0), ("b", 1.0)]);
    // The priority is the tenant's own matter: the other tenant's half stays.
    assert_eq!(Fairness::default().divide(12, &jobs, &tenants), [2, 4, 6]);
}

#[test]
fn a_job_with_three_times_the_share_gets_three_times_as_much_of_its_tenants_part() {
    let favoured = Candidate {
        share: 3.0,
        ..candidate(1, "a")
    };
    let jobs = [favoured, candidate(2, "a"), candidate(3, "b")];
    let given = Fairness::default().divide(80, &jobs, &tenants(&[("a", 1.0), ("b", 1.0)]));
    assert_eq!(given[2], 40);
    assert!((29..=31).contains(&given[0]), "{given:?}");
}
