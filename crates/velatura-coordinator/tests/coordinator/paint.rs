//! One photo in the request, its picture in the answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use velatura_proto::{from_json, to_json, v1};
use velatura_queue::{Broker, Lane, Message, QueueName};

use crate::bench::{Bench, Setup, done, eventually, outcome};

async fn start() -> Bench {
    let mut setup = Setup::new().await.photos(["a.jpg"]);
    setup.config.staging = format!("file://{}/staging", setup.folder.path().display());
    setup.config.max_photo_bytes = 1024;
    setup.start().await
}

/// A worker that paints what somebody waits for: the picture is the photo backwards.
async fn painter(broker: &Arc<dyn Broker>, fails: bool) -> JoinHandle<()> {
    let lane = QueueName::tasks("default", Lane::Interactive).unwrap();
    let mut consumer = broker.consume(&lane, 1).await.unwrap();
    let broker = Arc::clone(broker);
    tokio::spawn(async move {
        while let Some(delivery) = consumer.next().await {
            let task: v1::Task = from_json(delivery.body()).unwrap();
            let report = match fails {
                true => outcome(&task, v1::task_report::Outcome::Failed, "image-corrupt"),
                false => {
                    let path = |url: &str| url.strip_prefix("file://").unwrap().to_owned();
                    let mut photo = std::fs::read(path(&task.source)).unwrap();
                    photo.reverse();
                    let output = path(&task.paintings[0].output);
                    std::fs::create_dir_all(std::path::Path::new(&output).parent().unwrap()).unwrap();
                    std::fs::write(output, photo).unwrap();
                    done(&task)
                }
            };
            let message = Message {
                body: to_json(&report).into(),
                id: String::new(),
            };
            broker.publish(&QueueName::Results, vec![message]).await;
            delivery.ack().await.unwrap();
        }
    })
}

#[tokio::test]
async fn a_photo_in_the_request_comes_back_painted() {
    let bench = start().await;
    let _painter = painter(&bench.broker, false).await;
    let answer = bench
        .client
        .send("POST", "/v1/paint?style=waves", Some("image/jpeg"), "photo")
        .await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "otohp"));
    assert_eq!(answer.headers["content-type"], "image/jpeg");
    let job = bench.client.job(answer.headers["velatura-job"].to_str().unwrap()).await;
    assert!(job.interactive);
    let path = format!("/v1/paint/{}", job.id);
    assert_eq!(bench.client.get(&path).await.text, "otohp");
    // Or by its key.
    let named = v1::PaintRequest {
        source: bench.url("photos/a.jpg"),
        recipe: Some(crate::bench::recipe("waves")),
        ..Default::default()
    };
    std::fs::write(bench.folder.path().join("photos/a.jpg"), "another").unwrap();
    assert_eq!(bench.client.post_json("/v1/paint", &named).await.text, "rehtona");
}

/// A form as `curl -F name=value` sends it.
fn form(fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        let file = if *name == "photo" { "; filename=\"a.jpg\"" } else { "" };
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
    };
    fields.iter().map(part).collect::<String>() + "--x--\r\n"
}

#[tokio::test]
async fn a_photo_in_a_form_comes_back_painted() {
    let bench = start().await;
    let _painter = painter(&bench.broker, false).await;
    let send = async |path: &str, fields: &[(&str, &str)]| {
        let kind = Some("multipart/form-data; boundary=x");
        bench.client.send("POST", path, kind, form(fields)).await
    };
    for fields in [
        &[("photo", "photo"), ("style", "waves"), ("deadline_seconds", "60")][..],
        &[("recipe", r#"{"styles": [{"style": "waves"}]}"#), ("photo", "photo")],
    ] {
        let answer = send("/v1/paint", fields).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "otohp"), "{answer:?}");
    }
    let mixed = send("/v1/paint?style=waves", &[("photo", "photo")]).await;
    assert_eq!(mixed.text, "otohp");

    let refused = async |fields: &[(&str, &str)]| send("/v1/paint", fields).await.error();
    let photo = ("photo", "photo");
    assert_eq!(refused(&[photo]).await, (422, "recipes-missing".into()));
    assert_eq!(refused(&[("style", "waves")]).await, (422, "source-missing".into()));
    assert_eq!(refused(&[photo, photo]).await, (400, "request-malformed".into()));
    let unknown = send("/v1/paint", &[photo, ("sytle", "waves")]).await;
    assert_eq!(unknown.error(), (400, "request-malformed".into()));
    assert!(unknown.text.contains("may have: photo, style"), "{unknown:?}");
    let late = [photo, ("style", "waves"), ("deadline_seconds", "soon")];
    assert_eq!(refused(&late).await, (422, "deadline-invalid".into()));
    let large = [("style", "waves"), ("photo", &"x".repeat(2000))];
    assert_eq!(refused(&large).await, (413, "request-too-large".into()));
    let broken = bench
        .client
        .send("POST", "/v1/paint", Some("multipart/form-data"), "no form")
        .await;
    assert_eq!(broken.error(), (400, "request-malformed".into()));
}

#[tokio::test]
async fn what_is_not_ready_in_time_is_asked_after() {
    let bench = start().await;
    let path = "/v1/paint?style=waves&deadline_seconds=0.05";
    let answer = bench
        .client
        .send("POST", path, Some("application/octet-stream"), "photo")
        .await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let place = answer.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(bench.client.get(&place).await.status, 202);
    let _painter = painter(&bench.broker, false).await;
    let answer = bench.client.get(&format!("{place}?deadline_seconds=60")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "otohp"));
}

#[tokio::test]
async fn what_can_not_be_painted_is_an_error_that_says_why() {
    let bench = start().await;
    let _painter = painter(&bench.broker, true).await;
    let send = async |path: &str, body: &str| {
        bench
            .client
            .send("POST", path, Some("image/png"), body.to_owned())
            .await
    };
    let failed = send("/v1/paint?style=waves", "photo").await;
    assert_eq!(failed.error(), (422, "painting-failed".into()));
    assert!(failed.text.contains("image-corrupt"), "{failed:?}");
    assert_eq!(
        send("/v1/paint", "photo").await.error(),
        (422, "recipes-missing".into())
    );
    assert_eq!(
        send("/v1/paint?style=waves", "").await.error(),
        (422, "source-missing".into())
    );
    let late = send("/v1/paint?style=waves&deadline_seconds=301", "photo").await;
    assert_eq!(late.error(), (422, "deadline-invalid".into()));
    let large = send("/v1/paint?style=waves", &"x".repeat(2000)).await;
    assert_eq!(large.error(), (413, "request-too-large".into()));
    let in_json = v1::PaintRequest {
        photo: vec![0; 2000],
        ..Default::default()
    };
    let large = bench.client.post_json("/v1/paint", &in_json).await;
    assert_eq!(large.error(), (413, "request-too-large".into()));
    assert!(large.text.contains("1024 bytes"), "{large:?}");
    let ordinary = bench.client.submit(&bench.request()).await;
    let other = bench.client.get(&format!("/v1/paint/{}", ordinary.id)).await;
    assert_eq!(other.error(), (404, "not-a-paint-job".into()));
}

#[tokio::test]
async fn what_was_staged_is_cleaned_up() {
    let mut setup = Setup::new().await;
    setup.config.staging = format!("file://{}/staging", setup.folder.path().display());
    setup.config.staging_seconds = 5.0;
    let bench = setup.start().await;
    let _painter = painter(&bench.broker, false).await;
    let answer = bench
        .client
        .send("POST", "/v1/paint?style=waves", Some("image/jpeg"), "photo")
        .await;
    assert_eq!(answer.status, 200);
    let id = answer.headers["velatura-job"].to_str().unwrap().to_owned();
    eventually("nothing is left", async || {
        tokio::time::sleep(Duration::from_millis(50)).await;
        bench.client.get(&format!("/v1/paint/{id}")).await.status == 410
    })
    .await;
}

#[tokio::test]
async fn without_a_staging_place_it_says_what_to_set() {
    let bench = Setup::new().await.start().await;
    let answer = bench
        .client
        .send("POST", "/v1/paint?style=waves", Some("image/jpeg"), "photo")
        .await;
    assert_eq!(answer.error(), (422, "staging-missing".into()));
}

#[tokio::test]
async fn a_key_that_only_submits_may_have_its_picture_later() {
    let mut setup = Setup::new().await;
    setup.config.staging = format!("file://{}/staging", setup.folder.path().display());
    setup.config.access = velatura_coordinator::Access::Keys;
    let bench = setup.start().await;
    let request = v1::CreateKeyRequest {
        roles: vec!["submit".to_owned()],
        sources: vec!["s3://".to_owned()],
        destinations: vec!["s3://".to_owned()],
        ..Default::default()
    };
    let created = velatura_coordinator::Host::new(bench.ledger.clone())
        .create_key(&request)
        .await;
    let client = bench.client.with_key(&created.unwrap().secret);
    let path = "/v1/paint?style=waves&deadline_seconds=0.05";
    let late = client.send("POST", path, Some("image/jpeg"), "photo").await;
    assert_eq!(late.status, 202, "{late:?}");
    let place = late.headers["location"].to_str().unwrap().to_owned();
    let _painter = painter(&bench.broker, false).await;
    let answer = client.get(&format!("{place}?deadline_seconds=60")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "otohp"));
}
