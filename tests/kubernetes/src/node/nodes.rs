//! The nodes: they say that they are there, see which Pods are theirs, and may vanish.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::image::Image;
use super::life;
use super::pod::Pod;
use crate::cluster::Api;

/// How often a node says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// What is wanted of a Pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Run,
    /// To end within so many seconds.
    End {
        grace: u64,
    },
    /// Its node is gone: no signal, no word to anybody.
    Vanish,
}

/// An agent for several nodes.
#[derive(Debug)]
pub struct Agent {
    pub(super) api: Api,
    pub(super) image: Image,
    /// Where Pods have their files, and logs are kept.
    pub(super) folder: PathBuf,
    nodes: Mutex<BTreeMap<String, bool>>,
    pods: Mutex<HashMap<String, Running>>,
    /// Pods that have ended here: what is still heard of them is old.
    ended: Mutex<HashSet<String>>,
    addresses: Mutex<u16>,
}

#[derive(Debug)]
struct Running {
    node: String,
    component: String,
    order: watch::Sender<Order>,
}

impl Agent {
    /// Registers nodes and begins to run Pods on them.
    ///
    /// # Errors
    /// When the API server refuses a node.
    pub async fn start(api: Api, image: Image, folder: PathBuf, nodes: &[&str]) -> Result<Arc<Self>> {
        let this = Arc::new(Self {
            api,
            image,
            folder,
            nodes: Mutex::default(),
            pods: Mutex::default(),
            ended: Mutex::default(),
            addresses: Mutex::new(0),
        });
        for (index, name) in nodes.iter().enumerate() {
            let labels = json!({
                "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
                "topology.kubernetes.io/zone": format!("zone-{}", index % 2),
            });
            let node = json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name, "labels": labels } });
            this.api.create("/api/v1/nodes", &node).await?;
            this.locked(&this.nodes).insert((*name).to_owned(), true);
        }
        this.beat().await?;
        tokio::spawn({
            let this = this.clone();
            async move {
                while !this.api.is_over() {
                    if let Err(error) = this.beat().await {
                        eprintln!("agent: {error:#}");
                    }
                    tokio::time::sleep(HEARTBEAT).await;
                }
            }
        });
        tokio::spawn(this.clone().watch());
        Ok(this)
    }

    /// A node is gone from one moment to the next, as a spot machine is: its processes die, nobody says a word. The cloud's
    /// controller then removes it from the list of nodes. Returns how many Pods it had.
    pub fn vanish(&self, node: &str) -> usize {
        self.locked(&self.nodes).insert(node.to_owned(), false);
        let pods = self.locked(&self.pods);
        let lost: Vec<_> = pods.values().filter(|running| running.node == node).collect();
        for running in &lost {
            running.order.send_replace(Order::Vanish);
        }
        lost.len()
    }

    /// The node with Pods of most of these components: whose loss hurts most.
    pub fn busiest(&self, components: &[&str]) -> Option<String> {
        let pods = self.locked(&self.pods);
        let mut there = BTreeMap::<&str, BTreeSet<&str>>::new();
        for running in pods
            .values()
            .filter(|running| components.contains(&&*running.component))
        {
            there.entry(&running.node).or_default().insert(&running.component);
        }
        Some(there.into_iter().max_by_key(|(_, there)| there.len())?.0.to_owned())
    }

    /// How many Pods there are now.
    pub fn pods(&self) -> usize {
        self.locked(&self.pods).len()
    }

    /// An address that no Pod had before.
    pub(super) fn address(&self) -> String {
        let mut last = self.locked(&self.addresses);
        *last += 1;
        format!("10.244.{}.{}", 1 + *last / 250, 1 + *last % 250)
    }

    pub(super) fn forget(&self, uid: &str) {
        self.locked(&self.ended).insert(uid.to_owned());
        self.locked(&self.pods).remove(uid);
    }

    fn locked<'a, T>(&self, what: &'a Mutex<T>) -> std::sync::MutexGuard<'a, T> {
        what.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn beat(&self) -> Result<()> {
        let there: Vec<String> = self
            .locked(&self.nodes)
            .iter()
            .filter(|(_, there)| **there)
            .map(|(name, _)| name.clone())
            .collect();
        for name in there {
            let capacity = json!({ "cpu": "16", "memory": "64Gi", "pods": "110" });
            let now = super::status::now();
            let ready = json!({
                "type": "Ready", "status": "True", "reason": "AgentReady",
                "lastHeartbeatTime": now, "lastTransitionTime": now,
            });
            let status = json!({ "status": { "capacity": capacity, "allocatable": capacity, "conditions": [ready] } });
            self.api.patch(&format!("/api/v1/nodes/{name}/status"), &status).await?;
        }
        Ok(())
    }

    async fn watch(self: Arc<Self>) {
        let mut pods = self.api.watch("/api/v1/pods");
        while let Some(event) = pods.recv().await {
            if !event.deleted {
                self.seen(event.object);
            }
        }
    }

    fn seen(self: &Arc<Self>, object: Value) {
        let pod = Pod(object);
        let is_ours = self.locked(&self.nodes).get(pod.node()) == Some(&true);
        if !is_ours || self.locked(&self.ended).contains(pod.uid()) {
            return;
        }
        let mut pods = self.locked(&self.pods);
        if let Some(running) = pods.get(pod.uid()) {
            if let Some(grace) = pod.ending() {
                running.order.send_if_modified(|order| {
                    let first = *order == Order::Run;
                    if first {
                        *order = Order::End { grace };
                    }
                    first
                });
            }
            return;
        }
        // Ended ones that the API server still has are nobody's business; deleted ones are told so.
        if pod.is_over() && pod.ending().is_none() {
            return;
        }
        let first = pod.ending().map_or(Order::Run, |grace| Order::End { grace });
        let (order, orders) = watch::channel(first);
        let running = Running {
            node: pod.node().to_owned(),
            component: pod.component().to_owned(),
            order,
        };
        pods.insert(pod.uid().to_owned(), running);
        tokio::spawn(life::of(self.clone(), pod, orders));
    }
}
