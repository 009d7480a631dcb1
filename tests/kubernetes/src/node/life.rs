//! A Pod's life, from its network to its last signal.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::process::Child;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

use super::nodes::{Agent, Order};
use super::pod::Pod;
use super::probes::Probe;
use super::sandbox::{Sandbox, ended, signal};
use super::status::{Status, now};
use super::{environment, volumes};
use crate::cluster::network;

/// The wait before a container that ended is started again; it doubles each time.
const BACKOFF: Duration = Duration::from_secs(1);
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);

/// Asks probes. As a kubelet does, it does not mind whose certificate it is shown: it knows the Pod by its address.
fn asking() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .tls_danger_accept_invalid_certs(true)
        .build()?)
}

/// Runs a Pod until it has ended, and says so unless its node is gone.
pub(super) async fn of(agent: Arc<Agent>, pod: Pod, mut orders: watch::Receiver<Order>) {
    let mut life = Life {
        status: Status::new(agent.address()),
        http: asking().expect("a client is made as for the API server"),
        agent,
        pod,
    };
    let mut orders_too = orders.clone();
    let lived = tokio::select! {
        lived = life.live(&mut orders) => lived,
        // Whoever waits for something of the Pod's is not waited for.
        () = vanished(&mut orders_too) => Ok(()),
    };
    if let Err(error) = lived {
        eprintln!("agent: {}: {error:#}", life.pod.name());
    }
    network::leave(&life.pod.network());
    let _ = fs::remove_dir_all(life.agent.folder.join("pods").join(life.pod.uid()));
    if *orders.borrow() != Order::Vanish
        && let Err(error) = life.agent.api.remove(&life.pod.path()).await
    {
        eprintln!("agent: {}: {error:#}", life.pod.name());
    }
    life.agent.forget(life.pod.uid());
}

async fn vanished(orders: &mut watch::Receiver<Order>) {
    if orders.wait_for(|order| *order == Order::Vanish).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The seconds that are left when the Pod is to end.
async fn to_end(orders: &mut watch::Receiver<Order>) -> u64 {
    let order = orders.wait_for(|order| *order != Order::Run).await.map(|order| *order);
    match order {
        Ok(Order::End { grace }) => grace,
        _ => 0,
    }
}

struct Life {
    agent: Arc<Agent>,
    pod: Pod,
    status: Status,
    http: reqwest::Client,
}

impl Life {
    async fn live(&mut self, orders: &mut watch::Receiver<Order>) -> Result<()> {
        network::join(&self.pod.network(), &self.status.address)?;
        let sandbox = tokio::select! {
            sandbox = self.sandbox() => sandbox?,
            _ = to_end(orders) => return Ok(()),
        };
        for container in self.pod.list("/spec/initContainers") {
            let mut wait = BACKOFF;
            while !self.before(&sandbox, &container, orders).await? {
                if *orders.borrow() != Order::Run {
                    return Ok(());
                }
                sleep(wait).await;
                wait = (wait * 2).min(LONGEST_BACKOFF);
            }
        }
        self.status.initialized = true;
        let containers = self.pod.list("/spec/containers");
        ensure!(containers.len() == 1, "the agent runs Pods of one container");
        let mut wait = BACKOFF;
        loop {
            let variables = self.variables(&containers[0]).await?;
            let child = sandbox.start(&self.pod, &containers[0], &self.agent.image, variables)?;
            self.status.state = json!({ "running": { "startedAt": now() } });
            self.status.tell(&self.agent.api, &self.pod).await;
            if !self.container(child, &containers[0], orders).await? {
                return Ok(());
            }
            self.status.ready = false;
            self.status.restarts += 1;
            self.status.tell(&self.agent.api, &self.pod).await;
            tokio::select! {
                () = sleep(wait) => {}
                _ = to_end(orders) => return Ok(()),
            }
            wait = (wait * 2).min(LONGEST_BACKOFF);
        }
    }

    /// Volumes and names; tried again while a ConfigMap or a Secret is not there yet.
    async fn sandbox(&self) -> Result<Sandbox> {
        let folder = self.agent.folder.join("pods").join(self.pod.uid());
        let logs = self.agent.folder.join("logs");
        fs::create_dir_all(&logs)?;
        let volumes = loop {
            match volumes::make(&self.agent.api, &self.pod, &folder.join("volumes")).await {
                Ok(volumes) => break volumes,
                Err(error) => eprintln!("agent: {}: {error:#}", self.pod.name()),
            }
            sleep(BACKOFF).await;
        };
        // In place of a DNS server: the Services of the namespace, by all their names.
        let space = self.pod.namespace();
        let services = format!("/api/v1/namespaces/{space}/services");
        let mut hosts = format!("127.0.0.1 localhost\n{} {}\n", self.status.address, self.pod.name());
        for service in self.agent.api.get(&services).await?["items"]
            .as_array()
            .into_iter()
            .flatten()
        {
            if let (Some(address), Some(name)) = (
                service["spec"]["clusterIP"].as_str(),
                service["metadata"]["name"].as_str(),
            ) {
                hosts += &format!("{address} {}\n", network::names(name, space));
            }
        }
        Ok(Sandbox {
            folder,
            logs,
            volumes,
            hosts,
        })
    }

    async fn variables(&self, container: &Value) -> Result<Vec<(String, String)>> {
        environment::of(&self.agent.api, &self.pod, container, &self.status.address).await
    }

    /// Runs what goes before; whether it succeeded.
    async fn before(
        &mut self,
        sandbox: &Sandbox,
        container: &Value,
        orders: &mut watch::Receiver<Order>,
    ) -> Result<bool> {
        let variables = self.variables(container).await?;
        let mut child = sandbox.start(&self.pod, container, &self.agent.image, variables)?;
        let status = tokio::select! {
            status = child.wait() => status?,
            grace = to_end(orders) => {
                signal(&child, libc::SIGTERM);
                let _ = timeout_at(Instant::now() + Duration::from_secs(grace), child.wait()).await;
                return Ok(false);
            }
        };
        let name = container["name"].as_str().context("a container has a name")?.to_owned();
        self.status.before.retain(|(there, _)| *there != name);
        self.status.before.push((name, ended(status)));
        self.status.tell(&self.agent.api, &self.pod).await;
        Ok(status.success())
    }

    /// Looks after a running container until it has ended; whether it is to be started again.
    async fn container(&mut self, mut child: Child, spec: &Value, orders: &mut watch::Receiver<Order>) -> Result<bool> {
        let probe = |name: &str| Probe::of(spec, name, &self.status.address);
        let (startup, live, ready) = (probe("startupProbe"), probe("livenessProbe"), probe("readinessProbe"));
        let mut started = startup.is_none();
        let (mut failed_start, mut failed_live, mut failed_ready) = (0, 0, 0);
        let (mut next_start, mut next_live, mut next_ready) = (Instant::now(), Instant::now(), Instant::now());
        loop {
            let next = if started { next_live.min(next_ready) } else { next_start };
            tokio::select! {
                status = child.wait() => {
                    self.status.state = ended(status?);
                    return Ok(true);
                }
                grace = to_end(orders) => {
                    self.end(&mut child, spec, grace).await?;
                    return Ok(false);
                }
                () = tokio::time::sleep_until(next) => {}
            }
            let now = Instant::now();
            if let Some(startup) = startup.as_ref().filter(|_| !started) {
                started = startup.ask(&self.http).await;
                failed_start += u64::from(!started);
                next_start = now + startup.period;
                if failed_start >= startup.failures {
                    self.unhealthy(&child, "never started");
                }
                continue;
            }
            if let Some(live) = live.as_ref().filter(|_| next_live <= now) {
                failed_live = if live.ask(&self.http).await { 0 } else { failed_live + 1 };
                if failed_live >= live.failures {
                    self.unhealthy(&child, "is not alive");
                }
            }
            if next_live <= now {
                next_live = now + live.as_ref().map_or(Duration::from_secs(10), |live| live.period);
            }
            if next_ready <= now {
                let is_ready = match &ready {
                    None => true,
                    Some(ready) => ready.ask(&self.http).await,
                };
                failed_ready = if is_ready { 0 } else { failed_ready + 1 };
                let patience = ready.as_ref().map_or(1, |ready| ready.failures);
                if is_ready != self.status.ready && (is_ready || failed_ready >= patience) {
                    self.status.ready = is_ready;
                    self.status.tell(&self.agent.api, &self.pod).await;
                }
                next_ready = now + ready.as_ref().map_or(Duration::from_secs(10), |ready| ready.period);
            }
        }
    }

    fn unhealthy(&self, child: &Child, why: &str) {
        eprintln!("agent: {} {why}, and is started again", self.pod.name());
        signal(child, libc::SIGKILL);
    }

    /// `preStop`, SIGTERM, grace, SIGKILL.
    async fn end(&mut self, child: &mut Child, spec: &Value, grace: u64) -> Result<()> {
        let began = Instant::now();
        let deadline = began + Duration::from_secs(grace);
        let pause = spec["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().unwrap_or(0);
        let early = timeout_at(deadline.min(began + Duration::from_secs(pause)), child.wait()).await;
        if early.is_err() {
            signal(child, libc::SIGTERM);
            if timeout_at(deadline, child.wait()).await.is_err() {
                eprintln!("agent: {} did not end within its grace of {grace} s", self.pod.name());
                signal(child, libc::SIGKILL);
            }
        }
        let status = child.wait().await?;
        println!(
            "  {} ended with {status} after {:.1} s",
            self.pod.name(),
            began.elapsed().as_secs_f64()
        );
        Ok(())
    }
}
