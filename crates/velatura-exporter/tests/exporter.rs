//! The exporter beside a real coordinator with the in-process broker.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use velatura_coordinator::{Coordinator, CoordinatorConfig};
use velatura_exporter::{Exporter, ExporterConfig};
use velatura_objects::{ObjectsConfig, Stores};
use velatura_proto::v1;
use velatura_queue::{Broker, InProcess, Lane, QueueName};
use velatura_telemetry::{Readiness, Registry};

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const BROKER_UP: &str = r#"velatura_exporter_up{source="broker"} 1"#;

struct Scene {
    coordinator: velatura_coordinator::Running,
    exporter: SocketAddr,
    stop_coordinator: CancellationToken,
    http: reqwest::Client,
    folder: TempDir,
    _stop_exporter: tokio_util::sync::DropGuard,
}

impl Scene {
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let broker: Arc<dyn Broker> = Arc::new(InProcess::new());
        let folder = TempDir::new().unwrap();
        let stores = Stores::new(ObjectsConfig {
            local_roots: vec![folder.path().to_owned()],
            ..Default::default()
        });
        let stop_coordinator = CancellationToken::new();
        let coordinator = Coordinator {
            config: CoordinatorConfig {
                listen: LOOPBACK,
                grpc_listen: LOOPBACK,
                window_tasks: 3,
                ..Default::default()
            },
            ledger: velatura_ledger::connect("sqlite::memory:").await.unwrap(),
            broker: Arc::clone(&broker),
            stores: Arc::new(stores),
            registry: Registry::new(),
            readiness: Readiness::default(),
        };
        let coordinator = coordinator.start(stop_coordinator.clone()).await.unwrap();
        let url = format!("http://{}", coordinator.rest_address);
        let (exporter, stop) = exporter(&url, Some(broker)).await;
        Self {
            coordinator,
            exporter,
            stop_coordinator,
            http: reqwest::Client::new(),
            folder,
            _stop_exporter: stop,
        }
    }

    async fn submit(&self, photos: usize) {
        let url = |name: &str| format!("file://{}/{name}", self.folder.path().display());
        let request = v1::SubmitJobRequest {
            source: Some(v1::Source {
                objects: (0..photos).map(|i| url(&format!("{i}.jpg"))).collect(),
                prefix: String::new(),
                ..Default::default()
            }),
            recipes: vec![v1::Recipe {
                styles: vec![v1::WeightedStyle {
                    style: "waves".into(),
                    weight: None,
                }],
                ..Default::default()
            }],
            destination: Some(v1::Destination {
                prefix: url("painted"),
                template: String::new(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let submitted = self
            .http
            .post(format!("http://{}/v1/jobs", self.coordinator.rest_address))
            .json(&request);
        assert_eq!(submitted.send().await.unwrap().status(), 201);
    }

    /// What is served once it has all these lines. What one source says may be served before what another said of the same moment.
    async fn metrics_with(&self, lines: &[&str]) -> String {
        metrics_with(self.exporter, lines).await
    }
}

async fn exporter(coordinator: &str, broker: Option<Arc<dyn Broker>>) -> (SocketAddr, tokio_util::sync::DropGuard) {
    let stop = CancellationToken::new();
    let exporter = Exporter {
        config: ExporterConfig {
            listen: LOOPBACK,
            coordinator_url: coordinator.parse().unwrap(),
            poll_seconds: 0.05,
            worker_tasks_per_second: 0.01,
            target_drain_seconds: 300.0,
            ..ExporterConfig::default()
        },
        broker,
    };
    let running = exporter.start(stop.clone()).await.unwrap();
    (running.address, stop.drop_guard())
}

async fn metrics_with(exporter: SocketAddr, lines: &[&str]) -> String {
    let begun = Instant::now();
    loop {
        let text = reqwest::get(format!("http://{exporter}/metrics"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let missing: Vec<_> = lines.iter().filter(|line| !has(&text, line)).collect();
        if missing.is_empty() {
            return text;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{missing:#?} never came:\n{text}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn has(text: &str, line: &str) -> bool {
    text.lines().any(|found| found == line)
}

#[tokio::test]
async fn it_tells_what_waits_and_how_many_workers_are_wanted() {
    let scene = Scene::new().await;
    scene.submit(10).await;
    let told = [
        r#"velatura_backlog_tasks{state="dispatched"} 3"#,
        r#"velatura_backlog_tasks{state="pending"} 7"#,
        "velatura_drain_target_seconds 300",
        r#"velatura_queue_messages{queue="velatura.tasks.default.bulk.v1",state="ready"} 3"#,
        r#"velatura_queue_messages{queue="velatura.tasks.default.bulk.v1",state="unacked"} 0"#,
        r#"velatura_queue_messages{queue="velatura.tasks.default.interactive.v1",state="ready"} 0"#,
        r#"velatura_queue_messages{queue="velatura.results.v1",state="ready"} 0"#,
        "velatura_tasks_ended_per_second 0",
        "velatura_drain_seconds 1000",
        "velatura_workers_wanted 4",
        "velatura_open_jobs 1",
        r#"velatura_exporter_up{source="coordinator"} 1"#,
        BROKER_UP,
    ];
    scene.metrics_with(&told).await;
    let ready = scene
        .http
        .get(format!("http://{}/readyz", scene.exporter))
        .send()
        .await
        .unwrap();
    assert_eq!(ready.status(), 200);
}

#[tokio::test]
async fn promtool_finds_nothing_to_complain_about() {
    let scene = Scene::new().await;
    scene.submit(2).await;
    let text = scene.metrics_with(&["velatura_open_jobs 1", BROKER_UP]).await;
    check_metrics(&text);
    let coordinators = format!("http://{}/metrics", scene.coordinator.rest_address);
    check_metrics(&reqwest::get(coordinators).await.unwrap().text().await.unwrap());
}

fn check_metrics(text: &str) {
    let promtool = promtool();
    assert!(
        promtool.is_file(),
        "{} is missing: run `cargo xtask setup`",
        promtool.display()
    );
    let mut child = Command::new(promtool)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success() && said.is_empty(), "{said}\n{text}");
}

/// Where the set-up puts it.
fn promtool() -> PathBuf {
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let data = data.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".local/share"));
    data.join("velatura/promtool/promtool")
}

#[tokio::test]
async fn a_coordinator_that_is_gone_takes_its_figures_with_it() {
    let scene = Scene::new().await;
    scene.submit(10).await;
    scene.metrics_with(&["velatura_open_jobs 1", BROKER_UP]).await;
    scene.stop_coordinator.cancel();
    let text = scene
        .metrics_with(&[r#"velatura_exporter_up{source="coordinator"} 0"#])
        .await;
    for name in [
        "velatura_backlog_tasks",
        "velatura_workers_wanted",
        "velatura_drain_seconds",
        "velatura_open_jobs",
    ] {
        assert!(!text.contains(name), "{name} is still served:\n{text}");
    }
    assert!(has(&text, BROKER_UP) && text.contains("velatura_queue_messages{"));
    assert!(text.contains(r#"velatura_exporter_poll_failures_total{source="coordinator"}"#));
}

#[tokio::test]
async fn a_queue_that_nobody_has_declared_has_no_series() {
    let broker: Arc<dyn Broker> = Arc::new(InProcess::new());
    broker.declare(&QueueName::Results).await.unwrap();
    // Nobody is there who could declare the others meanwhile.
    let (exporter, _stop) = exporter("http://127.0.0.1:1", Some(Arc::clone(&broker))).await;
    let series = |queue: &QueueName| format!(r#"velatura_queue_messages{{queue="{queue}",state="ready"}} 0"#);
    let text = metrics_with(exporter, &[&series(&QueueName::Results)]).await;
    let depths = text.lines().filter(|line| line.starts_with("velatura_queue_messages{"));
    assert!(
        depths
            .clone()
            .all(|line| line.contains(r#"queue="velatura.results.v1""#)),
        "a 0 of a queue that is not there would look like an empty one: {:?}",
        depths.collect::<Vec<_>>()
    );
    let tasks = QueueName::tasks("default", Lane::Bulk).unwrap();
    broker.declare(&tasks).await.unwrap();
    metrics_with(exporter, &[&series(&tasks)]).await;
}

#[tokio::test]
async fn something_that_is_no_coordinator_is_not_believed() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let router = axum::Router::new().fallback(async || r#"{"pending": "many"}"#);
    let (stranger, serving) = velatura_telemetry::serve(LOOPBACK, router, std::future::pending())
        .await
        .unwrap();
    tokio::spawn(serving);
    let (exporter, _stop) = exporter(&format!("http://{stranger}"), None).await;
    let text = metrics_with(exporter, &[r#"velatura_exporter_up{source="coordinator"} 0"#]).await;
    assert!(
        !text.contains("velatura_workers_wanted") && !text.contains(r#"source="broker""#),
        "{text}"
    );
}
