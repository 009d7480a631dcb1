//! Photos that a list names.

use std::sync::{Arc, Mutex};

use crate::bench::{Fuse, Setup, UnreliableLedger, Worker, counters, done, outcome};
use crate::shelf::{self, Shelf, all_tasks, keys, packed};
use tokio::sync::Semaphore;
use velatura_coordinator::Ending;
use velatura_proto::v1;
use velatura_proto::v1::job::State;
use velatura_proto::v1::manifest::{Format, OnBadLine};

#[tokio::test]
async fn what_a_line_says_travels_to_the_worker() {
    let shelf = Shelf::new();
    let csv = "source,version_id,mask,depth_map,note\r\n\
               s3://library/in/a b+%.jpg,v1,s3://library/masks/{a}.png,,x\r\n\
               \"s3://library/in/c,d.jpg\",,,s3://library/depths/c.png,\r\n";
    shelf.put("lists/photos.csv", csv).await;
    let bench = shelf.start().await;
    let taken: Arc<Mutex<Vec<v1::Task>>> = Arc::default();
    let seen = Arc::clone(&taken);
    let _worker = Worker::start(&bench.broker, move |task| {
        seen.lock().unwrap().push(task.clone());
        async move { vec![done(&task)] }
    })
    .await;
    let job = bench
        .client
        .submit(&shelf::listed("s3://library/lists/photos.csv"))
        .await;
    assert_eq!(counters(&bench.until_ended(&job.id).await).done, 2);
    let mut taken = taken.lock().unwrap().clone();
    taken.sort_by_key(|task| task.seq);
    assert_eq!(
        (taken[0].source.as_str(), taken[0].version_id.as_str()),
        ("s3://library/in/a b+%.jpg", "v1")
    );
    assert_eq!(
        (taken[0].key.as_str(), taken[1].key.as_str()),
        ("in/a b+%.jpg", "in/c,d.jpg")
    );
    let recipe = |task: &v1::Task| task.paintings[0].recipe.clone().unwrap();
    assert_eq!(
        recipe(&taken[0]).region.as_deref(),
        Some("s3://library/masks/{{a}}.png")
    );
    let depth = recipe(&taken[1]).depth.unwrap();
    assert_eq!(
        (depth.mode.as_deref(), depth.map.as_deref()),
        (Some("map"), Some("s3://library/depths/c.png"))
    );
    let told = all_tasks(&bench, &job.id).await;
    assert_eq!(told[0].mask, "s3://library/masks/{a}.png");
}

#[tokio::test]
async fn bad_lines_fail_alone_and_say_where_they_are() {
    let shelf = Shelf::new();
    let lines = [
        r#"{"key": "a.jpg"}"#,
        "",
        "not json",
        r#"{"key": "b.jpg", "source": "s3://library/in/b.jpg"}"#,
        r#"{"source": "s3://library/elsewhere/c.jpg"}"#,
        r#"{"key": "d.jpg", "mask": "http://example.org/m.png"}"#,
        r#"{"key": "a.jpg"}"#,
        r#"{"key": "e.jpg"}"#,
    ];
    shelf.put("lists/photos.jsonl.gz", packed(&lines.join("\n"))).await;
    let bench = shelf.start().await;
    let mut request = shelf::listed("s3://library/lists/photos.jsonl.gz");
    request.source.as_mut().unwrap().prefix = "s3://library/in".into();
    request
        .destination
        .as_mut()
        .unwrap()
        .set_on_collision(v1::destination::OnCollision::Skip);
    let job = bench.client.submit(&request).await;
    let job = bench.until(&job.id, |job| job.state() == State::Running).await;
    assert_eq!((counters(&job).total, counters(&job).failed), (7, 5));
    let failed = bench.client.tasks(&job.id, "state=FAILED").await.tasks;
    let said: Vec<_> = failed
        .iter()
        .map(|task| (task.code.as_str(), task.message.as_str()))
        .collect();
    for ((code, message), (wanted, line)) in said.iter().zip([
        ("manifest-line-invalid", "line 3 "),
        ("manifest-line-invalid", "line 4 "),
        ("source-outside-prefix", "line 5 "),
        ("location-invalid", "line 6 "),
        ("output-collision", "a.jpg"),
    ]) {
        assert!(*code == wanted && message.contains(line), "{code}: {message}");
    }

    // What was refused is not tried when everything that has failed is.
    let _worker = Worker::start(&bench.broker, |task| async move {
        vec![match (task.key.as_str(), task.attempt) {
            ("a.jpg", 1) => outcome(&task, v1::task_report::Outcome::Failed, "image-corrupt"),
            _ => done(&task),
        }]
    })
    .await;
    let ended = bench.until_ended(&job.id).await;
    assert_eq!((counters(&ended).done, counters(&ended).failed), (1, 6));
    let path = format!("/v1/jobs/{}/retry", job.id);
    assert_eq!(bench.client.post(&path).await.status, 200);
    let ended = bench
        .until(&job.id, |job| counters(job).done == 2 && !job.ended_at.is_empty())
        .await;
    assert_eq!(counters(&ended).failed, 5);
    assert_eq!(
        bench.client.post(&path).await.json()["state"],
        "DONE",
        "nothing is left to try"
    );

    request
        .source
        .as_mut()
        .unwrap()
        .manifest
        .as_mut()
        .unwrap()
        .set_on_bad_line(OnBadLine::Refuse);
    let job = bench.client.submit(&request).await;
    let job = bench.until_ended(&job.id).await;
    assert!(
        job.state() == State::Failed
            && job.reason.contains("line 3 of s3://library/")
            && job.code == "manifest-line-invalid",
        "{job:?}"
    );
}

#[tokio::test]
async fn a_manifest_that_can_not_be_read_fails_the_job_with_what_to_do() {
    let shelf = Shelf::new();
    let whole = packed(&"key\n".repeat(10_000));
    shelf.put("lists/half.csv.gz", whole[..whole.len() - 9].to_vec()).await;
    shelf.put("lists/headless.csv", "s3://library/in/a.jpg\n").await;
    shelf.put("lists/empty.csv", "").await;
    let orc = r#"{"destinationBucket": "arn:aws:s3:::library", "fileFormat": "ORC", "fileSchema": "", "files": []}"#;
    shelf.put("lists/manifest.json", orc).await;
    let bench = shelf.start().await;
    for (name, why) in [
        ("half.csv.gz", "broken gzip"),
        ("headless.csv", "must name its columns"),
        ("empty.csv", "is empty"),
        ("manifest.json", "set the inventory's output format to CSV"),
    ] {
        let job = bench
            .client
            .submit(&shelf::listed(&format!("s3://library/lists/{name}")))
            .await;
        let job = bench.until_ended(&job.id).await;
        assert!(
            job.state() == State::Failed && job.reason.contains(why),
            "{name}: {}",
            job.reason
        );
    }
}

#[tokio::test]
async fn a_manifest_may_be_handed_over() {
    let shelf = Shelf::new();
    let bench = shelf.start().await;
    let handed = |content: Vec<u8>| {
        let mut request = shelf::manifest(v1::Manifest {
            content,
            ..Default::default()
        });
        request.idempotency_key = "tonight".into();
        request
    };
    let csv = b"source\ns3://library/in/a.jpg\n".to_vec();
    let job = bench.client.submit(&handed(csv.clone())).await;
    let kept = job.source.unwrap().manifest.unwrap();
    assert!(kept.content.is_empty() && kept.url.starts_with("s3://library/painted/_velatura/manifests/"));
    assert_eq!(shelf.get(&kept.url).await, csv);
    let again = bench.client.submit(&handed(csv)).await;
    assert_eq!(again.id, job.id, "the same list under the same key");
    let other = bench
        .client
        .post_json("/v1/jobs", &handed(b"source\ns3://x/b.jpg\n".to_vec()))
        .await;
    assert_eq!(other.error(), (409, "idempotency-key-reused".into()));

    let body = packed(r#"{"source": "s3://library/in/a.jpg"}"#);
    let path = "/v1/manifests?destination=s3://library/elsewhere";
    let answer = bench.client.send("POST", path, Some("application/gzip"), body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let url = answer.json()["url"].as_str().unwrap().to_owned();
    assert!(
        url.starts_with("s3://library/elsewhere/_velatura/manifests/") && url.ends_with(".jsonl.gz"),
        "{url}"
    );
    let job = bench.client.submit(&shelf::listed(&url)).await;
    bench.until(&job.id, |job| job.state() == State::Running).await;
    assert_eq!(keys(&bench, &job.id).await, ["in/a.jpg"]);
}

#[tokio::test]
async fn an_inventory_is_a_manifest() {
    let shelf = Shelf::new();
    let manifest = r#"{"sourceBucket": "library", "destinationBucket": "arn:aws:s3:::library", "version": "2016-11-30",
        "fileFormat": "CSV", "fileSchema": "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate",
        "files": [{"key": "inv/data/1.csv.gz", "size": 1, "MD5checksum": ""}, {"key": "inv/data/2.csv.gz", "size": 1}]}"#;
    let row = |key: &str, latest: &str, bytes: u64| {
        format!(
            r#""library","{key}","v","{latest}","false","{bytes}","2026-01-01T00:00:00.000Z"{}"#,
            "\n"
        )
    };
    let one = [
        row("in/a+b%2Bc%25.jpg", "true", 500),
        row("in/old.jpg", "false", 500),
        row("in/", "true", 0),
    ]
    .concat();
    let two = [
        row("in/%E6%97%A5.png", "true", 500),
        row("in/tiny.jpg", "true", 5),
        row("out/x.jpg", "true", 500),
    ]
    .concat();
    shelf.put("inv/manifest.json", manifest).await;
    shelf.put("inv/data/1.csv.gz", packed(&one)).await;
    shelf.put("inv/data/2.csv.gz", packed(&two)).await;
    let mut setup = shelf.setup(Setup::new().await);
    setup.config.page_objects = 2;
    let bench = setup.start().await;
    let mut request = shelf::listed("s3://library/inv/manifest.json");
    let source = request.source.as_mut().unwrap();
    source.prefix = "s3://library/in".into();
    source.filter = Some(v1::Filter {
        min_bytes: Some(100),
        ..Default::default()
    });
    let job = bench.client.submit(&request).await;
    bench.until(&job.id, |job| job.state() == State::Running).await;
    assert_eq!(keys(&bench, &job.id).await, ["a b+c%.jpg", "日.png"]);
}

#[tokio::test]
async fn a_restart_goes_on_at_the_recorded_line() {
    for is_packed in [false, true] {
        let shelf = Shelf::new();
        let names: Vec<String> = (0..500).map(|n| format!("{n:04}.jpg")).collect();
        let text: String = names
            .iter()
            .map(|name| format!("{{\"source\": \"s3://library/in/{name}\"}}\n"))
            .collect();
        let body = if is_packed { packed(&text) } else { text.into_bytes() };
        shelf.put("lists/photos", body).await;
        let mut setup = shelf.setup(Setup::new().await);
        setup.config.page_objects = 50;
        (setup.config.grace_seconds, setup.config.leader_lease_seconds) = (0.2, 1.0);
        let ledger = Arc::clone(&setup.ledger);
        let (config, s3) = (setup.config.clone(), setup.s3.clone());
        let slow = UnreliableLedger {
            pages: Arc::new(Semaphore::new(1)),
            ..UnreliableLedger::new(&ledger, &Fuse::default())
        };
        let pages = Arc::clone(&slow.pages);
        setup.ledger = Arc::new(slow);
        let bench = setup.start().await;
        let mut request = shelf::listed("s3://library/lists/photos");
        request
            .source
            .as_mut()
            .unwrap()
            .manifest
            .as_mut()
            .unwrap()
            .set_format(Format::Jsonl);
        let job = bench.client.submit(&request).await;
        crate::bench::eventually("a batch is recorded", async || pages.available_permits() == 0).await;
        // The next batch is found and never recorded.
        assert_eq!(bench.stop().await, Ending::CutShort);

        let setup = Setup {
            ledger,
            config,
            s3,
            ..Setup::new().await
        };
        let bench = setup.start().await;
        bench.until(&job.id, |job| job.state() == State::Running).await;
        let wanted: Vec<String> = names.iter().map(|name| format!("in/{name}")).collect();
        assert_eq!(keys(&bench, &job.id).await, wanted);
    }
}
