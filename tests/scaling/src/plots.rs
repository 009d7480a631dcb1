use std::path::Path;

use anyhow::{Context as _, Result};
use velatura_plot::{Panel, Plot};

use crate::run::BURST_AT;
use crate::{Metric, Moment, Scenario, run};

/// The scenarios that are drawn.
pub fn shown() -> Vec<Scenario> {
    vec![
        Scenario {
            title: "By queue length; window 5,000 = 200 workers × 20 and a quarter more",
            file: "scaling-queue.svg",
            ..Scenario::default()
        },
        Scenario {
            title: "By the exporter's workers wanted: the window does not matter",
            file: "scaling-drain.svg",
            metric: Metric::WorkersWanted,
            window_tasks: 2_500,
            ..Scenario::default()
        },
        Scenario {
            title: "What helm refuses: by queue length with a window of 500, which hides the backlog",
            file: "scaling-hidden.svg",
            window_tasks: 500,
            ..Scenario::default()
        },
    ]
}

/// Runs every scenario that is shown and writes its plot into the folder.
///
/// # Errors
/// When a file can't be written.
pub fn draw(folder: &Path) -> Result<()> {
    for scenario in shown() {
        let path = folder.join(scenario.file);
        let moments = run(&scenario);
        plot(&scenario, &moments)
            .write(&path)
            .with_context(|| format!("{} can't be written", path.display()))?;
        println!("{}: {:?}", path.display(), Figures::of(&moments));
    }
    Ok(())
}

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// The most workers that were ready.
    pub workers: u32,
    /// Seconds from the burst until the last task had ended.
    pub done_after: u64,
    /// Seconds from the burst until the last worker was gone.
    pub gone_after: u64,
}

impl Figures {
    /// Of a run, second by second.
    pub fn of(moments: &[Moment]) -> Self {
        let last = |moment: Option<&Moment>| moment.map_or(0, |moment| moment.second.saturating_sub(BURST_AT));
        Self {
            workers: moments.iter().map(|moment| moment.ready).max().unwrap_or(0),
            done_after: last(moments.iter().rev().find(|moment| moment.left > 0)),
            gone_after: last(moments.last()),
        }
    }
}

fn plot(scenario: &Scenario, moments: &[Moment]) -> Plot {
    let over = |value: fn(&Moment) -> f64| moments.iter().map(move |moment| (moment.second as f64, value(moment)));
    let workers = Panel::new("workers")
        .steps("asked for", over(|moment| f64::from(moment.wanted)))
        .steps("ready", over(|moment| f64::from(moment.ready)));
    let backlog = Panel::new("tasks that have not ended")
        .line("all", over(|moment| moment.left as f64))
        .line("in the window", over(|moment| moment.dispatched as f64));
    let waiting = Panel::new("seconds")
        .line("age of the oldest task", over(|moment| moment.oldest_seconds))
        // Before the first worker it says how long one would take: days.
        .line(
            "velatura_drain_seconds, up to an hour",
            over(|moment| moment.drain_seconds.min(3_600.0)),
        );
    Plot::new(scenario.title, "seconds")
        .mark(BURST_AT as f64, "1,000,000 tasks")
        .panel(workers)
        .panel(backlog)
        .panel(waiting)
}
