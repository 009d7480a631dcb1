use prometheus::core::Collector;
use prometheus::{
    Encoder as _, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

/// Bounds of histograms of seconds: from a millisecond to five minutes.
pub const SECONDS_BUCKETS: [f64; 16] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// A kind of metric that a field can have.
pub trait Declare: Collector + Clone + 'static {
    /// Makes the metric; `labels` is empty for the kinds without labels.
    fn declare(name: String, help: &str, labels: &[&str]) -> prometheus::Result<Self>;
}

macro_rules! declare {
    ($($kind:ident: |$name:ident, $help:ident, $labels:ident| $make:expr;)*) => {
        $(impl Declare for $kind {
            fn declare($name: String, $help: &str, $labels: &[&str]) -> prometheus::Result<Self> {
                $make
            }
        })*
    };
}

declare! {
    IntCounter: |name, help, _labels| IntCounter::new(name, help);
    IntGauge: |name, help, _labels| IntGauge::new(name, help);
    Gauge: |name, help, _labels| Gauge::new(name, help);
    Histogram: |name, help, _labels| Histogram::with_opts(seconds(name, help));
    IntCounterVec: |name, help, labels| IntCounterVec::new(Opts::new(name, help), labels);
    IntGaugeVec: |name, help, labels| IntGaugeVec::new(Opts::new(name, help), labels);
    GaugeVec: |name, help, labels| GaugeVec::new(Opts::new(name, help), labels);
    HistogramVec: |name, help, labels| HistogramVec::new(seconds(name, help), labels);
}

fn seconds(name: String, help: &str) -> HistogramOpts {
    HistogramOpts::new(name, help).buckets(SECONDS_BUCKETS.to_vec())
}

/// What a metric is, before anything is registered: for dashboards, alerts and documents to be held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Described {
    /// The whole name, prefix included.
    pub name: &'static str,
    /// The name of its type, such as `IntGaugeVec`.
    pub kind: &'static str,
    /// Its labels, in order; empty for the kinds without.
    pub labels: &'static [&'static str],
    /// What HELP says.
    pub help: &'static str,
}

impl Described {
    /// The names that Prometheus stores: a histogram has three.
    pub fn series(&self) -> Vec<String> {
        let suffixes: &[&str] = if self.kind.starts_with("Histogram") {
            &["_bucket", "_sum", "_count"]
        } else {
            &[""]
        };
        suffixes.iter().map(|suffix| format!("{}{suffix}", self.name)).collect()
    }
}

/// The Prometheus text of everything registered.
pub fn text(registry: &Registry) -> String {
    let mut buffer = Vec::new();
    TextEncoder::new()
        .encode(&registry.gather(), &mut buffer)
        .expect("a Vec takes every byte");
    String::from_utf8(buffer).expect("the text format is UTF-8")
}

/// Declares a struct of metrics: each field's doc comment is its HELP, its name follows the prefix.
///
/// Fields are kinds of metric, with their labels in brackets if they have any. `register` adds them to a registry,
/// `DESCRIBED` lists them.
#[macro_export]
macro_rules! metrics {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident in $prefix:literal {
            $( $(#[doc = $help:literal])+ $field:ident: $kind:ident $([$($label:literal),+])? ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        $vis struct $name {
            $( $(#[doc = $help])+ pub $field: $crate::$kind, )*
        }

        impl $name {
            /// What they are, without making them.
            #[allow(dead_code, reason = "not everyone is asked")]
            $vis const DESCRIBED: &'static [$crate::Described] = &[
                $( $crate::Described {
                    name: concat!($prefix, stringify!($field)),
                    kind: stringify!($kind),
                    labels: &[$($($label),+)?],
                    help: concat!($($help),+).trim_ascii(),
                }, )*
            ];

            /// Makes the metrics and adds them to the registry.
            ///
            /// # Panics
            /// When a metric of the same name is there already: two parts would claim one name.
            $vis fn register(registry: &$crate::Registry) -> Self {
                Self {
                    $( $field: {
                        let help = concat!($($help),+).trim_ascii();
                        let metric = <$crate::$kind as $crate::Declare>::declare(
                            concat!($prefix, stringify!($field)).to_owned(), help, &[$($($label),+)?],
                        ).expect("the name and labels of a metric are valid");
                        registry.register(Box::new(metric.clone())).expect("a metric is registered once");
                        metric
                    }, )*
                }
            }
        }
    };
}
