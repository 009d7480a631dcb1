use velatura_exporter::ExporterConfig;

/// What an autoscaler looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric {
    /// Messages of the queue, a target for each replica: KEDA's trigger `rabbitmq` in mode `QueueLength`.
    QueueLength {
        /// `value`.
        target: u32,
        /// With those that workers hold: protocol `http` and not `excludeUnacknowledged`.
        unacked: bool,
    },
    /// `velatura_workers_wanted` of the exporter, one a replica: KEDA's trigger `prometheus`.
    WorkersWanted,
}

/// A burst, and who follows it.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it shows.
    pub title: &'static str,
    /// Its plot in `docs/img/`.
    pub file: &'static str,
    /// How many tasks come at once, a minute after the start.
    pub tasks: u64,
    /// `coordinator.window_tasks`.
    pub window_tasks: u64,
    /// What is looked at.
    pub metric: Metric,
    /// `minReplicas` of an autoscaler without KEDA; `None` with KEDA, from and to 0.
    pub without_keda: Option<u32>,
    /// The most replicas.
    pub max_workers: u32,
    /// `worker.in_flight`.
    pub in_flight: u32,
    /// Tasks that a worker ends in a second.
    pub tasks_per_second: f64,
    /// From the wish for a worker to its first task.
    pub start_seconds: u64,
    /// `exporter.target_drain_seconds`.
    pub target_drain_seconds: f64,
}

impl Default for Scenario {
    /// A million tasks, 0 to 200 workers that take two minutes to start, by queue length with a window that fits.
    fn default() -> Self {
        Self {
            title: "",
            file: "",
            tasks: 1_000_000,
            window_tasks: 5_000,
            metric: Metric::QueueLength {
                target: 20,
                unacked: true,
            },
            without_keda: None,
            max_workers: 200,
            in_flight: 6,
            tasks_per_second: 5.0,
            start_seconds: 120,
            target_drain_seconds: 600.0,
        }
    }
}

impl Scenario {
    pub(crate) fn exporter(&self) -> ExporterConfig {
        ExporterConfig {
            worker_tasks_per_second: self.tasks_per_second,
            target_drain_seconds: self.target_drain_seconds,
            max_workers: self.max_workers,
            ..ExporterConfig::default()
        }
    }
}
