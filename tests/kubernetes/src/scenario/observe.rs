//! What is seen while the release works: once a second, and what happened when.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;
use velatura_plot::{Panel, Plot};

use super::release::NAMESPACE;
use crate::cluster::Api;

const EVERY: Duration = Duration::from_secs(1);

/// Curves by name, and marks.
#[derive(Debug)]
pub(super) struct Observer {
    began: Instant,
    seen: Mutex<Seen>,
    http: reqwest::Client,
    api: Api,
    exporter: String,
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
    ("velatura_workers_wanted", "workers wanted"),
];

/// Pools, and what KEDA asks for in each.
const POOLS: [(&str, &str); 2] = [
    ("default", "asked for by the queue"),
    ("drain", "asked for by drain time"),
];

/// The path of the workers' Deployments.
pub(super) fn workers() -> String {
    format!("/apis/apps/v1/namespaces/{NAMESPACE}/deployments?labelSelector=app.kubernetes.io/component=worker")
}

impl Observer {
    /// Begins to look at the Deployments of workers and at the exporter.
    pub(super) fn start(api: Api, exporter: String) -> Arc<Self> {
        let this = Arc::new(Self {
            began: Instant::now(),
            seen: Mutex::default(),
            http: reqwest::Client::new(),
            api,
            exporter,
        });
        tokio::spawn({
            let this = this.clone();
            async move {
                while !this.api.is_over() {
                    this.look().await;
                    tokio::time::sleep(EVERY).await;
                }
            }
        });
        this
    }

    /// Looks once; who does not answer is not seen.
    pub(super) async fn look(&self) {
        if let Ok(workers) = self.api.get(&workers()).await {
            self.scaled(&workers);
        }
        let request = self
            .http
            .get(format!("http://{}/metrics", self.exporter))
            .timeout(EVERY);
        if let Ok(answer) = request.send().await {
            self.exported(&answer.text().await.unwrap_or_default());
        }
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
                    .steps("asked for by the queue", curve("asked for by the queue"))
                    .steps("asked for by drain time", curve("asked for by drain time"))
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

    fn scaled(&self, deployments: &Value) {
        let mut ready = 0.0;
        for deployment in deployments["items"].as_array().into_iter().flatten() {
            let number = |pointer: &str| deployment.pointer(pointer).and_then(Value::as_f64).unwrap_or(0.0);
            let pool = deployment["metadata"]["labels"]["velatura/pool"].as_str();
            if let Some((_, name)) = POOLS.iter().find(|(known, _)| pool == Some(known)) {
                self.point(name, number("/spec/replicas"));
            }
            ready += number("/status/readyReplicas");
        }
        self.point("ready", ready);
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
