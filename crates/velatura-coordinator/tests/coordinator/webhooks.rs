//! Who asked to be told is told: signed, again until it is taken, and never where a tenant must not reach.

mod delivery;
mod guard;
mod receiver;

use velatura_proto::v1;

use crate::bench::{Bench, Setup};

/// A coordinator that may call this machine, and tries again at once.
async fn start(retry_seconds: &[f64]) -> Bench {
    let mut setup = Setup::new().await.photos(["a.jpg"]);
    setup.config.webhooks.networks = vec!["127.0.0.0/8".parse().unwrap()];
    setup.config.webhooks.retry_seconds = retry_seconds.to_vec();
    setup.start().await
}

async fn register(bench: &Bench, url: &str) -> v1::CreatedWebhook {
    let request = v1::CreateWebhookRequest { url: url.to_owned() };
    let answer = bench.client.post_json("/v1/webhooks", &request).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    serde_json::from_str(&answer.text).unwrap()
}

/// Why the newest address was not told.
async fn error(bench: &Bench) -> String {
    let listed: v1::ListWebhooksResponse = bench.client.read("/v1/webhooks").await;
    listed.webhooks[0].error.clone()
}

/// Something to tell.
async fn cancelled(bench: &Bench) -> v1::Job {
    let job = bench.submit().await;
    let answer = bench.client.post(&format!("/v1/jobs/{}/cancel", job.id)).await;
    serde_json::from_str(&answer.text).unwrap()
}
