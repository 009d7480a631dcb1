//! Listing a library, beside a bulk copy of the same rows.

use std::time::{Duration, Instant};

use anyhow::Result;
use uuid::Uuid;

use super::{Bench, PLACES, forget_peak, mib, own};
use crate::client;
use crate::row::Row;

/// How often the job is looked at.
const EVERY: Duration = Duration::from_millis(100);
/// Memory may be this much, MiB.
const MEMORY_LIMIT: f64 = 300.0;

pub(super) async fn measure(bench: &mut Bench) -> Result<Uuid> {
    // Half of the limit before and half after, since these machines are not quiet.
    let half = bench.tasks / 2;
    let before = bench.bare_table.fill(0, half).await?;

    let coordinator = bench.coordinator(1).await?;
    forget_peak()?;
    let began = Instant::now();
    let job = client::submit(&coordinator.address()).await?;
    let mut seen: Vec<(f64, u64, u64)> = vec![(0.0, 0, own()?.now)];
    loop {
        let found = bench.ledger.job(job).await?;
        seen.push((began.elapsed().as_secs_f64(), found.counters.total(), own()?.now));
        if found.expanded || found.state.is_ended() {
            break;
        }
        tokio::time::sleep(EVERY).await;
    }
    let memory = own()?;
    coordinator.stop().await?;
    let after = bench.bare_table.fill(half, bench.tasks).await?;

    let bare = 2.0 / (1.0 / before + 1.0 / after);
    let (seconds, total, _) = seen[seen.len() - 1];
    anyhow::ensure!(total == bench.tasks, "{total} of {} photos were found", bench.tasks);
    bench
        .table
        .row(&Row::tasks("expansion", None, total as f64 / seconds, Some(bare)));
    for place in PLACES {
        let rate = rate_at(&seen, total * (place - 5) / 100, total * (place + 5) / 100);
        bench.table.row(&Row::tasks("expansion", Some(place), rate, Some(bare)));
    }
    for place in PLACES {
        let then = seen.iter().find(|(_, found, _)| *found >= total * place / 100);
        let now = mib(then.map_or(memory.now, |(_, _, resident)| *resident));
        let row = Row::figure("memory while expanding", now, Some(MEMORY_LIMIT), "MiB");
        bench.table.row(&Row {
            at_percent: Some(place),
            ..row
        });
    }
    let row = Row::figure(
        "memory while expanding, at most",
        mib(memory.peak),
        Some(MEMORY_LIMIT),
        "MiB",
    );
    bench.table.row(&row);
    Ok(job)
}

/// Tasks a second between two numbers of tasks.
fn rate_at(seen: &[(f64, u64, u64)], from: u64, to: u64) -> f64 {
    let at = |wanted: u64| {
        let after = seen
            .iter()
            .position(|(_, found, _)| *found >= wanted)
            .unwrap_or(seen.len() - 1);
        let ((t0, n0, _), (t1, n1, _)) = (seen[after.saturating_sub(1)], seen[after]);
        // Between two looks it is taken to have been steady.
        let part = if n1 > n0 {
            (wanted.max(n0) - n0) as f64 / (n1 - n0) as f64
        } else {
            1.0
        };
        t0 + (t1 - t0) * part.min(1.0)
    };
    (to - from) as f64 / (at(to) - at(from)).max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_rate_is_the_rate_everywhere() {
        let seen: Vec<_> = (0..=100).map(|n| (n as f64 * 0.5, n * 50, 0)).collect();
        for from in [0, 333, 2500] {
            assert!((rate_at(&seen, from, from + 500) - 100.0).abs() < 1e-6);
        }
    }
}
