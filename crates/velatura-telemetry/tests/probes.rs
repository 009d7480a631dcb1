//! What a role answers about itself.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use velatura_telemetry::{Probes, Readiness, Registry, metrics, serve, text};

metrics! {
    /// For this test.
    struct Few in "velatura_test_" {
        /// Things that
        /// happened.
        things_total: IntCounter,
        /// Seconds it took.
        taking_seconds: HistogramVec["stage"],
    }
}

#[test]
fn the_doc_comment_is_the_help() {
    let registry = Registry::new();
    let few = Few::register(&registry);
    few.things_total.inc();
    few.taking_seconds.with_label_values(&["fetch"]).observe(0.2);
    let text = text(&registry);
    assert!(
        text.contains("# HELP velatura_test_things_total Things that happened."),
        "{text}"
    );
    assert!(
        text.contains("velatura_test_taking_seconds_bucket{stage=\"fetch\",le=\"0.25\"} 1"),
        "{text}"
    );
}

#[test]
fn what_is_described_is_what_is_registered() {
    let described: Vec<_> = Few::DESCRIBED
        .iter()
        .map(|one| (one.name, one.labels, one.help))
        .collect();
    assert_eq!(
        described,
        [
            ("velatura_test_things_total", &[][..], "Things that happened."),
            ("velatura_test_taking_seconds", &["stage"][..], "Seconds it took."),
        ]
    );
    assert_eq!(Few::DESCRIBED[0].series(), ["velatura_test_things_total"]);
    let bucket = "velatura_test_taking_seconds_bucket".to_owned();
    assert!(Few::DESCRIBED[1].series().contains(&bucket));
}

/// Where a role answers about itself.
async fn served(readiness: Readiness) -> SocketAddr {
    let router = Probes::new(Registry::new(), readiness).router();
    let (address, serving) = serve(([127, 0, 0, 1], 0).into(), router, std::future::pending())
        .await
        .unwrap();
    tokio::spawn(serving);
    address
}

/// Status line, headers and body.
async fn get(address: SocketAddr, path: &str) -> String {
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.0\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn conditions_are_metrics() {
    let readiness = Readiness::default();
    readiness.condition("broker").holds();
    let storage = readiness.condition("storage");
    let address = served(readiness).await;
    let text = get(address, "/metrics").await;
    assert!(text.contains("velatura_ready{condition=\"broker\"} 1"), "{text}");
    assert!(text.contains("velatura_ready{condition=\"storage\"} 0"), "{text}");
    storage.holds();
    let text = get(address, "/metrics").await;
    assert!(text.contains("velatura_ready{condition=\"storage\"} 1"), "{text}");
}

#[test]
fn a_role_is_ready_when_every_condition_holds() {
    let readiness = Readiness::default();
    let (broker, store) = (readiness.condition("broker"), readiness.condition("store"));
    assert!(!readiness.report().ready);
    broker.holds();
    store.follows(&Err::<(), _>("the bucket is away"));
    assert_eq!(readiness.report().conditions["store"], "the bucket is away");
    store.follows(&Ok::<_, String>(()));
    assert!(readiness.report().ready);
}

#[tokio::test]
async fn one_condition_can_be_asked_for_alone() {
    let readiness = Readiness::default();
    readiness.condition("ledger").holds();
    readiness.condition("broker").fails("RabbitMQ is away");
    readiness.fact("leading", "no");
    let address = served(readiness).await;
    let status_and_body = async |path: &str| {
        let answer = get(address, path).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
    };
    let (status, body) = status_and_body("/readyz").await;
    assert_eq!(status, "503", "the sum: {body}");
    assert!(body.contains("RabbitMQ is away") && body.contains("leading"), "{body}");
    let (status, body) = status_and_body("/readyz/ledger").await;
    assert_eq!(
        (status.as_str(), body.as_str()),
        ("200", r#"{"ready":true,"conditions":{"ledger":"ok"}}"#)
    );
    let (status, body) = status_and_body("/readyz/broker").await;
    assert_eq!(status, "503");
    assert!(body.contains("RabbitMQ is away"), "{body}");
    // A probe with a slip of the pen must not look like a role that is ready.
    let (status, body) = status_and_body("/readyz/legder").await;
    assert_eq!(status, "404");
    assert!(body.contains("\"legder\"") && body.contains("broker, ledger"), "{body}");
}

#[tokio::test]
async fn a_taken_address_is_an_error_at_once() {
    let router = || Probes::new(Registry::new(), Readiness::default()).router();
    let (bound, _serving) = serve(([127, 0, 0, 1], 0).into(), router(), std::future::pending())
        .await
        .unwrap();
    let error = serve(bound, router(), std::future::pending()).await.err().unwrap();
    assert!(error.to_string().contains(&bound.to_string()), "{error}");
}
