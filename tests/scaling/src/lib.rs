//! How autoscalers follow a burst that no test machine could paint: a million tasks, hundreds of workers, seconds of
//! simulated time. `cargo xtask simulate` draws it; the claims are in `tests/`.
//!
//! What is real: the metrics, which come out of the exporter's own code. What is taken from publications: the Horizontal
//! Pod Autoscaler ([`Hpa`]) and KEDA ([`Keda`]), each with its source. What is modelled: workers that take time to start
//! and then finish so many tasks a second ([`Workers`]), and a coordinator that refills its window ([`Backlog`]).

mod backlog;
mod hpa;
mod keda;
mod observed;
mod plots;
mod run;
mod scenario;
mod workers;

pub use backlog::Backlog;
pub use hpa::Hpa;
pub use keda::Keda;
pub use plots::{Figures, draw, shown};
pub use run::{Moment, run};
pub use scenario::{Metric, Scenario};
pub use workers::Workers;
