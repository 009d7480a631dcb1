//! The run itself, step by step.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use velatura_e2e::{Fleet, square_photos};

use super::observe::Observer;
use super::release::{NAME, NAMESPACE, Release};
use super::requests::{Requests, counter};
use super::{accept, servers};
use crate::cluster::{Api, ControlPlane, keda, proxy};
use crate::node::{Agent, Image};
use crate::{Tools, repository};

/// The longest that anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);
const NODES: [&str; 3] = ["node-a", "node-b", "node-c"];
/// The side of a photo: small, for it is not painting that is tried here.
const SIDE: u32 = 96;

/// What a run is made of.
#[derive(Debug)]
pub struct Options {
    /// Photos of the job.
    pub photos: usize,
    /// Where the plot goes.
    pub plot: PathBuf,
    /// The binary that Pods run.
    pub binary: PathBuf,
}

/// Everything, once.
///
/// # Errors
/// The first thing that is not as promised.
pub async fn run(options: &Options) -> Result<()> {
    let began = Instant::now();
    let (work, tools) = (TempDir::with_prefix("velatura-cluster-")?, Tools::find()?);
    let step = |what: &str| println!("{:6.1} s  {what}", began.elapsed().as_secs_f64());

    let mut plane = ControlPlane::start(work.path(), &tools)?;
    step("a control plane serves, with RBAC and Pod Security");
    keda::start(&mut plane, work.path(), &tools)?;
    step("KEDA serves the metrics that the HorizontalPodAutoscaler asks for");
    plane.ask(&["create", "namespace", NAMESPACE], "")?;
    let restricted = "pod-security.kubernetes.io/enforce=restricted";
    plane.ask(&["label", "namespace", NAMESPACE, restricted], "")?;
    plane.until_healthy(&[
        &tools.program("kubectl")?.to_string_lossy(),
        "get",
        "serviceaccount",
        "default",
        "--namespace",
        NAMESPACE,
    ])?;
    let taken = accept::every_case(&plane, &tools)?;
    accept::refuses_mistakes(&plane, &tools)?;
    step(&format!(
        "the API server would take all {taken} objects and Pods of every case, and refuses mistakes"
    ));

    let mut fleet = Fleet::start("")?;
    servers::connect(&fleet, &plane).await?;
    let folder = TempDir::new()?;
    square_photos(folder.path(), options.photos, SIDE)?;
    fleet.upload(folder.path(), "in/").await?;
    step(&format!(
        "RabbitMQ, PostgreSQL and S3 serve; {} photos are stored",
        options.photos
    ));

    let port = velatura_testkit::free_port();
    plane.spawn_proxy(port)?;
    let api = Api::on(port)?;
    let agent = Agent::start(
        api.clone(),
        Image::of(options.binary.clone())?,
        work.path().to_owned(),
        &NODES,
    )
    .await?;
    tokio::spawn(proxy::serve(api.clone()));
    let release = Release::new(&tools, &plane, work.path(), &servers::outside(&fleet.storage))?;
    tokio::task::block_in_place(|| release.install())?;
    step("helm install --wait has returned");

    let worked = Run {
        observer: Observer::start(
            api.clone(),
            format!("{NAME}-worker-default"),
            service(&api, "exporter", 8083).await?,
        ),
        requests: Arc::new(Requests::to(&service(&api, "coordinator", 8080).await?)?),
        api,
        agent,
        total: options.photos as u64,
    };
    let result = worked.life(&mut fleet, &release).await;
    let title = format!(
        "{} photos on a cluster, through an upgrade, a lost node and a broker's restart",
        options.photos
    );
    worked.observer.plot(&title, &options.plot)?;
    if result.is_err() {
        // Kept for whoever looks into it.
        println!(
            "what the Pods and the control plane said is in {}",
            work.keep().display()
        );
        return result;
    }
    worked.taken_away(&plane, &release).await?;
    let (made, retried) = worked.requests.counts();
    let (most, _) = worked.observer.highest_and_last("ready");
    println!(
        "Every one of {} tasks has one outcome; 0 to {most} to 0 workers; {made} requests, {retried} attempts repeated, none \
         failed; {:.0} s in all. The plot: {}",
        options.photos,
        began.elapsed().as_secs_f64(),
        options
            .plot
            .strip_prefix(repository())
            .unwrap_or(&options.plot)
            .display()
    );
    Ok(())
}

/// The address of one of the release's Services.
async fn service(api: &Api, component: &str, port: u16) -> Result<String> {
    let service = api
        .get(&format!("/api/v1/namespaces/{NAMESPACE}/services/{NAME}-{component}"))
        .await?;
    let address = service["spec"]["clusterIP"]
        .as_str()
        .context("a Service has an address")?;
    Ok(format!("{address}:{port}"))
}

struct Run {
    observer: Arc<Observer>,
    requests: Arc<Requests>,
    api: Api,
    agent: Arc<Agent>,
    total: u64,
}

impl Run {
    /// From the submission to the last worker's end, with all that happens in between.
    async fn life(&self, fleet: &mut Fleet, release: &Release) -> Result<()> {
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
        let node = self.agent.busiest("worker").context("no node has a worker")?;
        let lost = self.agent.vanish(&node);
        ensure!(lost > 0, "the node that vanished had no Pods");
        self.observer.mark(&format!("a node vanishes with {lost} Pods"));
        // What the cloud's controller does when a machine is gone.
        let api = self.api.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(15)).await;
            api.remove(&format!("/api/v1/nodes/{node}")).await
        });

        self.until(id, 0.7).await?;
        self.observer.mark("the broker restarts");
        tokio::task::block_in_place(|| {
            fleet.broker.stop()?;
            fleet.broker.start_again()
        })?;
        self.observer.mark("the broker is back");

        self.until(id, 1.0).await?;
        self.observer.mark("all is done");
        stop.send_replace(true);
        asking.await??;
        self.outcomes(id, &body, fleet).await?;
        self.until_asleep().await?;
        self.observer.mark("no worker is left");
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

    /// Exactly one outcome a task, a picture for each, and the same job for who submits it again.
    async fn outcomes(&self, id: &str, body: &Value, fleet: &Fleet) -> Result<()> {
        let job = self.requests.get(&format!("/v1/jobs/{id}")).await?;
        let painted = counter(&job, "done")? + counter(&job, "skipped")?;
        let failed = counter(&job, "failed")? + counter(&job, "cancelled")?;
        ensure!(
            (painted, failed) == (self.total, 0),
            "the job's counters: {}",
            job["counters"]
        );
        let pictures = fleet.download("out/").await?;
        let whole = pictures
            .values()
            .filter(|picture| picture.starts_with(&[0xff, 0xd8]) && picture.ends_with(&[0xff, 0xd9]));
        ensure!(
            whole.count() as u64 == self.total,
            "{} pictures for {} photos",
            pictures.len(),
            self.total
        );
        let again = self.requests.post("/v1/jobs", body).await?;
        ensure!(again["id"] == *id, "the same submission made another job");
        Ok(())
    }

    /// Workers asked for, and Pods of the release's workers.
    async fn workers(&self) -> Result<(u64, usize)> {
        let path = format!("/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{NAME}-worker-default");
        let asked = self.api.get(&path).await?["spec"]["replicas"].as_u64().unwrap_or(0);
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

    /// Uninstalled, without a trace in the cluster or among the processes.
    async fn taken_away(&self, plane: &ControlPlane, release: &Release) -> Result<()> {
        tokio::task::block_in_place(|| release.uninstall())?;
        let began = Instant::now();
        loop {
            let left = tokio::task::block_in_place(|| accept::left_behind(plane))?;
            if left.is_empty() && self.agent.pods() == 0 {
                self.observer.mark("helm uninstall has left nothing behind");
                return Ok(());
            }
            ensure!(began.elapsed() < Duration::from_secs(120), "left behind: {left:?}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

fn ended(job: &Value) -> Result<u64> {
    ["done", "skipped", "failed", "cancelled"]
        .into_iter()
        .map(|state| counter(job, state))
        .sum()
}
