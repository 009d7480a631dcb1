//! The run itself, step by step.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use velatura_testkit::tls::Authority;

use super::life::Life;
use super::observe::Observer;
use super::release::{NAME, NAMESPACE, Release};
use super::requests::Requests;
use super::{accept, servers};
use crate::cluster::{Api, ControlPlane, keda, proxy};
use crate::node::{Agent, Image};
use crate::{Tools, repository};

const NODES: [&str; 3] = ["node-a", "node-b", "node-c"];
/// The name that the coordinators' certificate bears.
const COORDINATORS: &str = "velatura-coordinator.velatura.svc";
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

    // Meanwhile: both wait more than they work.
    let servers = tokio::spawn(servers::with_photos(options.photos, SIDE));
    let mut plane = tokio::task::block_in_place(|| ControlPlane::start(work.path(), &tools))?;
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

    let mut fleet = servers.await??;
    let authority = Authority::of_server(&[COORDINATORS])?;
    servers::connect(&fleet, &plane, &authority).await?;
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
    let (pack, storage) = (servers::publish().await?, servers::outside(&fleet.storage));
    let release = Release::new(&tools, &plane, work.path(), &storage, &pack)?;
    tokio::task::block_in_place(|| release.install())?;
    step("helm install --wait has returned");

    let worked = Life {
        observer: Observer::start(api.clone(), service(&api, "exporter", 8083).await?),
        requests: Arc::new(Requests::to(
            COORDINATORS,
            service(&api, "coordinator", 8080).await?.parse()?,
            &std::fs::read(authority.ca_file())?,
        )?),
        api,
        agent,
        total: options.photos as u64,
    };
    let result = worked.live(&mut fleet, &release).await;
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
    worked.api.leave();
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
