//! From the submission to the last worker's end, with all that happens in between.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::sync::watch;
use velatura_e2e::Fleet;

use super::observe::{Observer, workers};
use super::release::{NAME, NAMESPACE, Release};
use super::requests::{Requests, counter};
use crate::cluster::Api;
use crate::node::Agent;

/// The longest that anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// A release at work.
pub(super) struct Life {
    pub(super) observer: Arc<Observer>,
    pub(super) requests: Arc<Requests>,
    pub(super) api: Api,
    pub(super) agent: Arc<Agent>,
    pub(super) total: u64,
}

impl Life {
    /// From the submission to the last worker's end, with all that happens in between.
    pub(super) async fn live(&self, fleet: &mut Fleet, release: &Release) -> Result<()> {
        // A Deployment that states no number begins with one Pod, until KEDA has looked.
        self.until_asleep().await?;
        let body = json!({
            "idempotency_key": "once",
            "source": { "prefix": "s3://library/in/" },
            "destination": { "prefix": "s3://library/out/" },
            "recipes": [{ "styles": [{ "style": "nocturne" }] }],
        });
        let job = self.requests.post("/v1/jobs", &body).await?;
        let id = job["id"].as_str().context("a job has an id")?;
        self.observer.mark("a job is submitted");
        // All the while somebody asks for it.
        let (stop, stopped) = watch::channel(false);
        let asking = tokio::spawn(self.requests.clone().ask_on(format!("/v1/jobs/{id}"), stopped));

        self.until(id, 0.15).await?;
        self.observer.mark("helm upgrade");
        tokio::task::block_in_place(|| release.upgrade())?;
        self.observer.mark("upgraded");

        self.until(id, 0.45).await?;
        let node = self
            .agent
            .busiest(&["worker", "coordinator", "exporter"])
            .context("no node has a Pod")?;
        let lost = self.agent.vanish(&node);
        ensure!(lost > 0, "the node that vanished had no Pods");
        self.observer.mark("a node vanishes with its Pods");
        self.until_missed(&node).await?;
        // What the cloud's controller does when a machine is gone.
        self.api.remove(&format!("/api/v1/nodes/{node}")).await?;

        self.until(id, 0.7).await?;
        self.observer.mark("the broker restarts");
        tokio::task::block_in_place(|| fleet.broker.stop())?;
        self.without_broker(id, &body).await?;
        tokio::task::block_in_place(|| fleet.broker.start_again())?;
        self.observer.mark("the broker is back");

        self.until(id, 1.0).await?;
        self.observer.mark("all is done");
        stop.send_replace(true);
        asking.await??;
        self.outcomes(id, &body, fleet).await?;
        self.until_asleep().await?;
        self.observer.mark("no worker is left");
        self.seen().await
    }

    /// Waits until Kubernetes has noticed that a node is gone: it leads nobody to a coordinator there any more.
    async fn until_missed(&self, node: &str) -> Result<()> {
        let (began, service) = (Instant::now(), format!("kubernetes.io/service-name={NAME}-coordinator"));
        let path = format!("/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices?labelSelector={service}");
        loop {
            let there = self.api.get(&format!("/api/v1/nodes/{node}")).await?;
            let conditions = there["status"]["conditions"].as_array().into_iter().flatten();
            let is_missed = conditions
                .clone()
                .all(|one| one["type"] != "Ready" || one["status"] != "True");
            let slices = self.api.get(&path).await?;
            let endpoints = slices["items"].as_array().into_iter().flatten();
            let mut endpoints = endpoints.flat_map(|slice| slice["endpoints"].as_array().into_iter().flatten());
            if is_missed && !endpoints.any(|one| one["nodeName"] == node && one["conditions"]["ready"] == true) {
                return Ok(());
            }
            ensure!(began.elapsed() < PATIENCE, "nobody misses {node}: {there}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Submitting, asking and steering need the ledger alone: nobody notices that the broker is away.
    async fn without_broker(&self, id: &str, body: &Value) -> Result<()> {
        let (_, before) = self.requests.counts();
        for (action, state) in [("pause", "PAUSED"), ("resume", "RUNNING")] {
            let job = self
                .requests
                .post(&format!("/v1/jobs/{id}/{action}"), &json!({}))
                .await?;
            ensure!(job["state"] == state, "after {action} the job is {}", job["state"]);
        }
        let again = self.requests.post("/v1/jobs", body).await?;
        ensure!(again["id"] == *id, "the same submission made another job");
        let (_, after) = self.requests.counts();
        ensure!(
            before == after,
            "{} attempts had to be repeated without the broker",
            after - before
        );
        Ok(())
    }

    /// Asks for the job until a share of its tasks has ended.
    async fn until(&self, id: &str, share: f64) -> Result<()> {
        let (began, wanted) = (Instant::now(), (self.total as f64 * share) as u64);
        loop {
            let job = self.requests.get(&format!("/v1/jobs/{id}")).await?;
            let ended = ended(&job)?;
            if ended >= wanted && (share < 1.0 || job["state"] == "DONE") {
                return Ok(());
            }
            ensure!(
                began.elapsed() < PATIENCE,
                "only {ended} of {wanted} tasks have ended: {job}"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    /// Workers asked for, and Pods of the release's workers.
    async fn workers(&self) -> Result<(u64, usize)> {
        let deployments = self.api.get(&workers()).await?;
        let deployments = deployments["items"].as_array().into_iter().flatten();
        let asked = deployments.filter_map(|one| one["spec"]["replicas"].as_u64()).sum();
        let labels = "labelSelector=app.kubernetes.io/component=worker";
        let pods = self
            .api
            .get(&format!("/api/v1/namespaces/{NAMESPACE}/pods?{labels}"))
            .await?;
        Ok((asked, pods["items"].as_array().map_or(0, Vec::len)))
    }

    async fn until_asleep(&self) -> Result<()> {
        let began = Instant::now();
        loop {
            let workers = self.workers().await?;
            if workers == (0, 0) {
                return Ok(());
            }
            ensure!(
                began.elapsed() < PATIENCE,
                "workers stay: {workers:?} asked for and there"
            );
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

fn ended(job: &Value) -> Result<u64> {
    ["done", "skipped", "failed", "cancelled"]
        .into_iter()
        .map(|state| counter(job, state))
        .sum()
}
