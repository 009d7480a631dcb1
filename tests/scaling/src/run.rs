use crate::hpa::SYNC_SECONDS;
use crate::observed::{exported, value};
use crate::{Backlog, Hpa, Keda, Metric, Scenario, Workers};

/// When the burst comes.
pub(crate) const BURST_AT: u64 = 60;
/// How long after its end the run goes on at most.
const PATIENCE: u64 = 1_800;
/// The run is given up.
const LONGEST: u64 = 200_000;
/// How old RabbitMQ's own statistics are: `collect_statistics_interval`.
const BROKER_LAG: u64 = 5;
/// How old what Prometheus answers may be: `scrape_interval`, with the exporter's `poll_seconds` in it.
const SCRAPE_LAG: u64 = 20;

/// A second of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// Since the start.
    pub second: u64,
    /// Replicas that the autoscaler asks for.
    pub wanted: u32,
    /// Workers that paint.
    pub ready: u32,
    /// Tasks that have not ended.
    pub left: u64,
    /// Those of them that are in the broker or with workers.
    pub dispatched: u64,
    /// Age of the oldest task, `velatura_oldest_task_age_seconds`.
    pub oldest_seconds: f64,
    /// `velatura_drain_seconds`.
    pub drain_seconds: f64,
    /// What the autoscaler looks at, as it is now; what it sees is older.
    metric: f64,
}

/// Lets a scenario happen, until all is done and nobody works any more.
///
/// # Panics
/// When the end is not in sight after days of simulated time.
pub fn run(scenario: &Scenario) -> Vec<Moment> {
    let (mut backlog, mut workers) = (Backlog::default(), Workers::new(scenario.start_seconds));
    let mut keda = scenario.without_keda.is_none().then(Keda::new);
    let least = scenario.without_keda.unwrap_or(0);
    let mut hpa = Hpa::new(least, scenario.max_workers);
    let (lag, target) = match scenario.metric {
        Metric::QueueLength { target, .. } => (BROKER_LAG, f64::from(target)),
        Metric::WorkersWanted => (SCRAPE_LAG, 1.0),
    };
    let mut wanted = least;
    let mut moments: Vec<Moment> = Vec::new();
    let mut ended_at = None;
    for second in 0.. {
        assert!(second < LONGEST, "{scenario:?} does not end");
        if second == BURST_AT {
            backlog.pending += scenario.tasks;
        }
        // Every outcome wakes the coordinator, so that the window is full again before anyone looks.
        backlog.end((f64::from(workers.ready()) * scenario.tasks_per_second) as u64);
        backlog.refill(scenario.window_tasks);
        workers.follow(second, wanted);
        backlog.take(u64::from(workers.ready()) * u64::from(scenario.in_flight));

        let seen = moments
            .len()
            .checked_sub(lag as usize)
            .map_or(0.0, |at| moments[at].metric);
        if let Some(keda) = keda.as_mut().filter(|keda| keda.polls_at(second)) {
            wanted = keda.poll(second, wanted, seen);
        }
        if second.is_multiple_of(SYNC_SECONDS) {
            wanted = hpa.sync(second, wanted, seen, target);
        }
        moments.push(moment(scenario, second, wanted, workers.ready(), &backlog));

        let over = second > BURST_AT && backlog.left() == 0;
        let ended = if over { *ended_at.get_or_insert(second) } else { second };
        if over && (second > ended + PATIENCE || (wanted == least && workers.ready() == least)) {
            return moments;
        }
    }
    unreachable!("the seconds do not end before the run")
}

fn moment(scenario: &Scenario, second: u64, wanted: u32, ready: u32, backlog: &Backlog) -> Moment {
    let waits = backlog.left() > 0;
    let oldest_seconds = if waits { (second - BURST_AT) as f64 } else { 0.0 };
    let served = exported(backlog, oldest_seconds, &scenario.exporter());
    let metric = match scenario.metric {
        Metric::QueueLength { unacked: true, .. } => backlog.dispatched() as f64,
        Metric::QueueLength { unacked: false, .. } => backlog.ready as f64,
        Metric::WorkersWanted => value(&served, "velatura_workers_wanted"),
    };
    Moment {
        second,
        wanted,
        ready,
        left: backlog.left(),
        dispatched: backlog.dispatched(),
        oldest_seconds: value(&served, "velatura_oldest_task_age_seconds"),
        drain_seconds: value(&served, "velatura_drain_seconds"),
        metric,
    }
}
