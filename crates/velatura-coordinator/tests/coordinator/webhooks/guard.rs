use velatura_proto::v1;

use super::receiver::{Answer, Receiver};
use super::{cancelled, error, register, start};
use crate::bench::{Setup, eventually};

#[tokio::test]
async fn an_address_that_is_not_public_is_refused_at_once() {
    let bench = Setup::new().await.start().await;
    for url in [
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1:8080/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        // Other spellings of 127.0.0.1, which URLs turn into one.
        "https://0x7f.1/",
        "https://2130706433/",
        "http://93.184.216.34/",
        "http://example.com/",
        "ftp://example.com/",
        "https://user:password@example.com/",
        "example.com",
    ] {
        let request = v1::CreateWebhookRequest { url: url.to_owned() };
        let answer = bench.client.post_json("/v1/webhooks", &request).await;
        assert_eq!(answer.error(), (422, "webhook-url-refused".into()), "{url}");
    }
    register(&bench, "https://example.com/hook").await;
}

#[tokio::test]
async fn a_name_that_leads_home_is_never_connected_to() {
    let mut setup = Setup::new().await;
    // What a name means is known only when it is called: here it means this machine, which no network names.
    setup.config.webhooks.retry_seconds = vec![];
    let bench = setup.photos(["a.jpg"]).start().await;
    let mut receiver = Receiver::start(&[]).await;
    register(&bench, &format!("https://localhost:{}/hook", receiver.address.port())).await;
    cancelled(&bench).await;
    eventually("it says why", async || {
        error(&bench).await.contains("localhost is not on the public internet")
    })
    .await;
    assert!(receiver.is_quiet());
}

#[tokio::test]
async fn without_tls_a_name_must_lead_into_a_named_network() {
    let mut setup = Setup::new().await;
    setup.config.webhooks.retry_seconds = vec![];
    setup.config.webhooks.networks = vec!["10.0.0.0/8".parse().unwrap()];
    let bench = setup.photos(["a.jpg"]).start().await;
    let mut receiver = Receiver::start(&[]).await;
    register(&bench, &format!("http://localhost:{}/hook", receiver.address.port())).await;
    cancelled(&bench).await;
    eventually("it says why", async || error(&bench).await.contains("needs https://")).await;
    assert!(receiver.is_quiet());
}

#[tokio::test]
async fn redirections_are_not_followed() {
    let bench = start(&[]).await;
    let mut inner = Receiver::start(&[]).await;
    let mut outer = Receiver::start(&[Answer::Redirect(inner.url())]).await;
    register(&bench, &outer.url()).await;
    cancelled(&bench).await;
    outer.next().await;
    eventually("it says why", async || {
        error(&bench).await.contains("redirections are not followed")
    })
    .await;
    assert!(inner.is_quiet());
}
