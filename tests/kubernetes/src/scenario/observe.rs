//! What is seen while the release works: once a second, and what happened when.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use velatura_plot::{Panel, Plot};

use super::release::NAMESPACE;
use crate::cluster::Api;

const EVERY: Duration = Duration::from_secs(1);

/// Curves by name, and marks.
#[derive(Debug)]
pub(super) struct Observer {
    began: Instant,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    curves: BTreeMap<&'static str, Vec<(f64, f64)>>,
    marks: Vec<(f64, String)>,
}

/// Series of the exporter: as it names them, and as the plot does.
const SERIES: [(&str, &str); 5] = [
    ("velatura_backlog_tasks{state=\"pending\"}", "in the ledger"),
    ("velatura_backlog_tasks{state=\"dispatched\"}", "in broker and workers"),
    ("velatura_oldest_task_age_seconds", "the oldest task"),
    ("velatura_drain_seconds", "until all is done"),
    ("velatura_workers_wanted", "wanted by drain time"),
];

impl Observer {
    /// Begins to look at a Deployment and at the exporter.
    pub(super) fn start(api: Api, deployment: String, exporter: String) -> Arc<Self> {
        let this = Arc::new(Self {
            began: Instant::now(),
            seen: Mutex::default(),
        });
        tokio::spawn({
            let this = this.clone();
            async move {
                let http = reqwest::Client::new();
                let path = format!("/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{deployment}");
                loop {
                    if let Ok(deployment) = api.get(&path).await {
                        let number = |pointer: &str| {
                            deployment
                                .pointer(pointer)
                                .and_then(serde_json::Value::as_f64)
                                .unwrap_or(0.0)
                        };
                        this.point("asked for", number("/spec/replicas"));
                        this.point("ready", number("/status/readyReplicas"));
                    }
                    let request = http.get(format!("http://{exporter}/metrics")).timeout(EVERY);
                    if let Ok(answer) = request.send().await {
                        this.exported(&answer.text().await.unwrap_or_default());
                    }
                    tokio::time::sleep(EVERY).await;
                }
            }
        });
        this
    }

    /// Says and notes that something happens now.
    pub(super) fn mark(&self, what: &str) {
        let now = self.began.elapsed().as_secs_f64();
        println!("{now:6.1} s  {what}");
        self.locked().marks.push((now, what.to_owned()));
    }

    /// The highest and the last value of a curve.
    pub(super) fn highest_and_last(&self, name: &str) -> (f64, f64) {
        let seen = self.locked();
        let points = seen.curves.get(name).map_or(&[][..], Vec::as_slice);
        let highest = points.iter().map(|point| point.1).fold(0.0, f64::max);
        (highest, points.last().map_or(0.0, |point| point.1))
    }

    /// Writes the plot.
    pub(super) fn plot(&self, title: &str, path: &Path) -> Result<()> {
        let seen = self.locked();
        let curve = |name: &str| seen.curves.get(name).cloned().unwrap_or_default();
        let mut plot = Plot::new(title, "seconds since helm install returned")
            .panel(
                Panel::new("Workers")
                    .steps("asked for", curve("asked for"))
                    .steps("ready", curve("ready")),
            )
            .panel(
                Panel::new("Tasks waiting")
                    .steps("in the ledger", curve("in the ledger"))
                    .steps("in broker and workers", curve("in broker and workers")),
            )
            .panel(
                Panel::new("Waiting time, seconds")
                    .line("the oldest task", curve("the oldest task"))
                    .line("until all is done", curve("until all is done")),
            );
        for (at, what) in &seen.marks {
            plot = plot.mark(*at, what);
        }
        plot.write(path).with_context(|| path.display().to_string())
    }

    fn exported(&self, text: &str) {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((series, value)) = line.rsplit_once(' ') else {
                continue;
            };
            let known = SERIES.iter().find(|(name, _)| *name == series);
            if let (Some((_, name)), Ok(value)) = (known, value.parse()) {
                self.point(name, value);
            }
        }
    }

    fn point(&self, name: &'static str, value: f64) {
        let now = self.began.elapsed().as_secs_f64();
        self.locked().curves.entry(name).or_default().push((now, value));
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
