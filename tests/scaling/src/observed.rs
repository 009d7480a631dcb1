use velatura_exporter::{ExporterConfig, backlog_metrics};
use velatura_proto::v1;
use velatura_telemetry::Registry;

use crate::Backlog;

/// What the exporter serves of this backlog, from its own code.
pub(crate) fn exported(backlog: &Backlog, oldest_seconds: f64, config: &ExporterConfig) -> Registry {
    let told = v1::Backlog {
        pending: backlog.pending,
        dispatched: backlog.dispatched(),
        oldest_seconds,
        rate: backlog.rate(),
        jobs: u64::from(backlog.left() > 0),
        ..Default::default()
    };
    backlog_metrics(&told, config)
}

/// One metric of what was served.
///
/// # Panics
/// When there is none of this name: the simulation would follow nothing.
pub(crate) fn value(served: &Registry, name: &str) -> f64 {
    let families = served.gather();
    let family = families.iter().find(|family| family.name() == name);
    let family = family.unwrap_or_else(|| panic!("the exporter has no metric {name}"));
    family.get_metric()[0].get_gauge().get_value()
}
