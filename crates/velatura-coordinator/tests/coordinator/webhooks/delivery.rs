use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use velatura_proto::v1;
use velatura_proto::v1::job::State;

use super::receiver::{Answer, Received, Receiver};
use super::{cancelled, error, register, start};
use crate::bench::{Worker, eventually};

/// Checks a message as its receiver would, and reads it.
fn verified(received: &Received, secret: &str) -> v1::WebhookPayload {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signed = format!(
        "{}.{}.{}",
        received.header("webhook-id"),
        received.header("webhook-timestamp"),
        received.body
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(signed.as_bytes());
    let signature = STANDARD.decode(received.header("webhook-signature").strip_prefix("v1,").unwrap());
    mac.verify_slice(&signature.unwrap()).unwrap();
    serde_json::from_str(&received.body).unwrap()
}

#[tokio::test]
async fn a_job_s_pause_and_end_are_told_and_signed() {
    let bench = start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    let created = register(&bench, &receiver.url()).await;
    let job = bench.submit().await;
    bench.client.post(&format!("/v1/jobs/{}/pause", job.id)).await;
    let paused = verified(&receiver.next().await, &created.secret);
    assert_eq!(paused.r#type, "job.paused");
    let data = paused.data.unwrap();
    assert_eq!((data.id.as_str(), data.state()), (job.id.as_str(), State::Paused));
    assert_eq!(data.reason, "paused by a user");

    bench.client.post(&format!("/v1/jobs/{}/resume", job.id)).await;
    let _worker = Worker::obedient(&bench.broker).await;
    let ended = verified(&receiver.next().await, &created.secret);
    assert_eq!(ended.r#type, "job.done");
    let data = ended.data.unwrap();
    assert_eq!(data.counters.unwrap().done, 1);
    assert_eq!(data.ended_at, ended.timestamp);
    assert!(receiver.is_quiet());
}

#[tokio::test]
async fn what_is_not_taken_comes_again_under_the_same_id() {
    let bench = start(&[0.05, 0.05, 0.05]).await;
    let mut receiver = Receiver::start(&[Answer::Status(500), Answer::Status(503), Answer::Status(200)]).await;
    let created = register(&bench, &receiver.url()).await;
    cancelled(&bench).await;
    let (one, two, three) = (receiver.next().await, receiver.next().await, receiver.next().await);
    assert_eq!(one.header("webhook-id"), two.header("webhook-id"));
    assert_eq!(one.header("webhook-id"), three.header("webhook-id"));
    assert_eq!(one.body, three.body);
    assert_eq!(verified(&three, &created.secret).r#type, "job.cancelled");
    eventually("the fault is forgotten", async || error(&bench).await.is_empty()).await;
    let taken = r#"velatura_coordinator_webhooks_total{outcome="taken"}"#;
    let again = r#"velatura_coordinator_webhooks_total{outcome="again"}"#;
    assert_eq!((bench.metric(taken), bench.metric(again)), (Some(1.0), Some(2.0)));
}

#[tokio::test]
async fn after_the_last_attempt_it_is_given_up_and_said() {
    let bench = start(&[0.02]).await;
    let mut receiver = Receiver::start(&[Answer::Status(500)]).await;
    register(&bench, &receiver.url()).await;
    cancelled(&bench).await;
    let given_up = r#"velatura_coordinator_webhooks_total{outcome="given_up"}"#;
    eventually("it is given up", async || bench.metric(given_up) == Some(1.0)).await;
    receiver.next().await;
    receiver.next().await;
    assert!(receiver.is_quiet());
    assert!(error(&bench).await.contains("500"));
}

#[tokio::test]
async fn who_is_gone_is_told_nothing_more() {
    let bench = start(&[0.02]).await;
    let mut receiver = Receiver::start(&[Answer::Status(410)]).await;
    register(&bench, &receiver.url()).await;
    cancelled(&bench).await;
    receiver.next().await;
    eventually("it is disabled", async || {
        let listed: v1::ListWebhooksResponse = bench.client.read("/v1/webhooks").await;
        !listed.webhooks[0].disabled_at.is_empty()
    })
    .await;
    let mut other = Receiver::start(&[]).await;
    register(&bench, &other.url()).await;
    cancelled(&bench).await;
    other.next().await;
    assert!(receiver.is_quiet());
}

#[tokio::test]
async fn a_deleted_address_is_forgotten() {
    let bench = start(&[]).await;
    let receiver = Receiver::start(&[]).await;
    let id = register(&bench, &receiver.url()).await.webhook.unwrap().id;
    let path = format!("/v1/webhooks/{id}");
    assert_eq!(bench.client.send("DELETE", &path, None, "").await.status, 200);
    assert_eq!(
        bench.client.send("DELETE", &path, None, "").await.error(),
        (404, "webhook-not-found".into())
    );
    let listed: v1::ListWebhooksResponse = bench.client.read("/v1/webhooks").await;
    assert_eq!(listed.webhooks, []);
}
