//! What a worker answers about itself.

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use velatura_queue::Lane;
use velatura_telemetry::serve;

use crate::post::{Post, soon, until};
use crate::studio::{Studio, photo, recipe};

/// Status and body of an answer.
async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon("an answer", stream.read_to_string(&mut answer)).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

#[tokio::test]
async fn health_readiness_and_metrics_are_answered_over_http_until_the_end() {
    let studio = Studio::new();
    studio.write("bay.png", &photo(1));
    let post = Post::new(studio).await;
    let worker = post.worker();
    let off = CancellationToken::new();
    let probes = worker.probes(post.studio.registry.clone()).router();
    let any_port = (Ipv4Addr::LOCALHOST, 0).into();
    let (address, serving) = serve(any_port, probes, off.clone().cancelled_owned()).await.unwrap();
    let serving = tokio::spawn(serving);
    let running = post.start(worker);
    until("readiness", async || get(address, "/readyz").await.0 == 200).await;

    post.send(Lane::Bulk, &post.task(0, "bay.png", &[recipe("embers")]))
        .await;
    post.report().await;

    assert_eq!(get(address, "/healthz").await.0, 200);
    let (_, text) = get(address, "/readyz").await;
    let ready: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["provider"], "cpu");
    assert!(ready["pack"].as_str().unwrap().starts_with("velatura-light "), "{text}");
    for condition in ["queue", "storage", "taking"] {
        assert_eq!(ready["conditions"][condition], "ok");
    }
    let (status, metrics) = get(address, "/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "velatura_worker_attempts_total{outcome=\"done\"} 1",
        "velatura_worker_pictures_total 1",
        "velatura_worker_decoded_pixels 0",
        "velatura_worker_stage_busy{stage=\"paint\"} 0",
        "# HELP velatura_worker_fetched_bytes_total Bytes of photos fetched.",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line}:\n{metrics}");
    }

    post.ending(running).await;
    let (status, text) = get(address, "/readyz").await;
    assert_eq!(status, 503);
    assert!(text.contains("draining"), "{text}");
    off.cancel();
    soon("the server's end", serving).await.unwrap().unwrap();
}
