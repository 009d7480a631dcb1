//! Any interleaving of what coordinators, broker, workers and users do, drawn from a seed: after each event counters equal
//! rows, every task moved along an edge of `docs/states.md`, and at the end none is lost. What fails is told as the fewest
//! events that make it fail.

mod world;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use world::World;

/// Something that happens; `a` and `b` choose among what is there.
#[derive(Debug, Clone, Copy)]
struct Event {
    what: What,
    a: u32,
    b: u32,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Submit,
    Expand,
    /// Dispatched, and the broker takes all of it, or some and the rest goes back, or the coordinator dies in between.
    Dispatch,
    /// A worker takes a task and reports; the broker may keep the task all the same and deliver it again.
    Work,
    /// Reports arrive, in any order; some arrive again later.
    Record,
    Reclaim,
    /// Another coordinator takes over; the earlier one does not know yet, and goes on for a while.
    TakeOver,
    Pause,
    Resume,
    Cancel,
    Fail,
    Settle,
    /// A user has what failed tried anew, or adds a recipe.
    Retry,
    Revise,
    /// The process dies and another opens the ledger.
    Reopen,
}

const COMMON: [What; 13] = [
    What::Submit,
    What::Expand,
    What::Expand,
    What::Dispatch,
    What::Dispatch,
    What::Dispatch,
    What::Work,
    What::Work,
    What::Work,
    What::Work,
    What::Record,
    What::Record,
    What::Record,
];
const RARE: [What; 10] = [
    What::Reclaim,
    What::TakeOver,
    What::Pause,
    What::Resume,
    What::Cancel,
    What::Fail,
    What::Settle,
    What::Retry,
    What::Revise,
    What::Reopen,
];

fn events(seed: u64, count: usize) -> Vec<Event> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut one = || {
        let what = match rng.random_bool(0.8) {
            true => COMMON[rng.random_range(0..COMMON.len())],
            false => RARE[rng.random_range(0..RARE.len())],
        };
        let (a, b) = (rng.random(), rng.random());
        Event { what, a, b }
    };
    (0..count).map(|_| one()).collect()
}

/// Lets `count` events drawn from each seed happen to a fresh ledger; `open` opens it at an address that `make` gives.
pub async fn any_interleaving_keeps_every_task<K>(
    seeds: std::ops::Range<u64>,
    count: usize,
    make: impl AsyncFn() -> (K, String),
) {
    for seed in seeds {
        let mut events = events(seed, count);
        let Err(mut said) = happens(&make, &events).await else {
            continue;
        };
        // Leaves out ever smaller parts as long as what is left still fails.
        let mut part = events.len() / 2;
        while part > 0 {
            let mut from = 0;
            while from < events.len() {
                let mut fewer = events.clone();
                fewer.drain(from..(from + part).min(fewer.len()));
                match happens(&make, &fewer).await {
                    Err(again) => (events, said) = (fewer, again),
                    Ok(()) => from += part,
                }
            }
            part /= 2;
        }
        panic!("seed {seed}: {said}\nafter {} events: {events:#?}", events.len());
    }
}

async fn happens<K>(make: &impl AsyncFn() -> (K, String), events: &[Event]) -> Result<(), String> {
    let (_keeps, url) = make().await;
    let life = async {
        let mut world = World::open(url).await;
        for event in events {
            world.happen(*event).await;
            world.check().await;
        }
        world.come_to_an_end().await;
    };
    AssertUnwindSafe(life).catch_unwind().await.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()))
            .unwrap_or_default()
    })
}
