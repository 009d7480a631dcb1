use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use velatura_proto::v1;

use super::{key, wanted};
use crate::bench::{Setup, photo};
use velatura_coordinator::Access;

/// What was logged, by everyone in this thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    /// Who did what, and how it ended.
    fn changes(&self) -> Vec<[String; 4]> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let read = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            ["who", "tenant", "action", "result"].map(|field| line[field].as_str().unwrap().to_owned())
        };
        text.lines().map(read).collect()
    }
}

#[tokio::test(flavor = "current_thread")]
async fn every_change_leaves_a_line_whether_it_was_allowed_or_not() {
    let lines = Lines::default();
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(lines.clone());
    // Of a single dispatcher tracing asks the thread that meets an event first, which may be another test's; of two it asks both.
    let _another = tracing::Dispatch::new(tracing_subscriber::registry());
    let only = Targets::new().with_target("audit", tracing::Level::INFO);
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(only).with(layer));

    let mut setup = Setup::new().await;
    photo(setup.folder.path(), "a.jpg");
    setup.config.access = Access::Keys;
    let bench = setup.start().await;
    let created = key(&bench, &wanted(&bench, "acme", &["submit"])).await;
    let (id, client) = (created.key.unwrap().id, bench.client.with_key(&created.secret));
    let job = client.submit(&bench.request()).await;
    client.post(&format!("/v1/jobs/{}/pause", job.id)).await;
    client.post(&format!("/v1/jobs/{}/cancel", job.id)).await;
    client.get("/v1/jobs").await;
    let list = format!("/v1/manifests?destination={}", bench.url("painted"));
    client.send("POST", &list, None, "source\n").await;
    client
        .send("POST", "/v1/manifests?destination=s3://b/", None, "source\n")
        .await;
    let dry_run = v1::SubmitJobRequest {
        source: Some(v1::Source {
            manifest: Some(v1::Manifest {
                content: b"source\n".to_vec(),
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..bench.request()
    };
    client.post_json("/v1/dry-run", &dry_run).await;
    let elsewhere = v1::SubmitJobRequest {
        destination: Some(v1::Destination {
            prefix: bench.url("elsewhere"),
            ..Default::default()
        }),
        ..bench.request()
    };
    client.post_json("/v1/jobs", &elsewhere).await;
    client.post(&format!("/v1/keys/{id}/revoke")).await;

    let expected = [
        ["host", "default", "tenant.put", "ok"],
        ["host", "default", "key.create", "ok"],
        [&id, "acme", "job.submit", "ok"],
        [&id, "acme", "job.pause", "ok"],
        [&id, "acme", "job.cancel", "ok"],
        [&id, "acme", "manifest.keep", "ok"],
        [&id, "acme", "manifest.keep", "destination-not-allowed"],
        [&id, "acme", "manifest.keep", "ok"],
        [&id, "acme", "job.submit", "destination-not-allowed"],
        [&id, "acme", "key.revoke", "role-missing"],
    ];
    assert_eq!(lines.changes(), expected);
}
