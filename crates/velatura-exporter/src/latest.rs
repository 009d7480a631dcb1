use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use velatura_telemetry::Registry;

/// What each source said last, for as long as it answers: a source that is away takes its series with it, so that
/// nobody takes old figures for new ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latest(Arc<Mutex<Answers>>);

#[derive(Debug, Default)]
struct Answers {
    coordinator: Option<Registry>,
    broker: Option<Registry>,
}

impl Latest {
    /// From now on this is what the coordinator says; `None` when it says nothing.
    pub(crate) fn coordinator(&self, answer: Option<Registry>) {
        self.lock().coordinator = answer;
    }

    /// From now on this is what the broker says; `None` when it says nothing.
    pub(crate) fn broker(&self, answer: Option<Registry>) {
        self.lock().broker = answer;
    }

    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Latest {
    /// None: what will be there is not known beforehand. The registry takes one such collector.
    fn desc(&self) -> Vec<&Desc> {
        Vec::new()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let answers = self.lock();
        let answers = [&answers.coordinator, &answers.broker];
        answers.into_iter().flatten().flat_map(Registry::gather).collect()
    }
}
