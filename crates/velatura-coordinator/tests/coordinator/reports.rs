//! What is left of a job after its end.

use std::io::Read as _;
use std::sync::Arc;

use crate::bench::{Bench, Fuse, Setup, UnreliableLedger, Worker, done, outcome};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use velatura_ledger::{NewJob, NewTask, ReportPart};
use velatura_proto::v1;
use velatura_proto::v1::report::State;
use velatura_proto::v1::task_report::Outcome;

fn read(url: &str) -> Vec<u8> {
    std::fs::read(url.strip_prefix("file://").unwrap()).unwrap()
}

async fn reported(bench: &Bench, id: &str) -> v1::Report {
    let mut report = v1::Report::default();
    crate::bench::eventually("its report is written", async || {
        report = bench.client.job(id).await.report.unwrap_or_default();
        report.state() == State::Written
    })
    .await;
    report
}

fn lines(part: &[u8]) -> Vec<v1::TaskStatus> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(part).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn every_task_of_an_ended_job_is_in_its_report() {
    let bench = Setup::new().await.photos(["a.jpg", "b.jpg", "c.jpg"]).start().await;
    let _worker = Worker::start(&bench.broker, |task| async move {
        vec![match task.key.as_str() {
            "b.jpg" => outcome(&task, Outcome::Failed, "image-truncated"),
            _ => done(&task),
        }]
    })
    .await;
    let job = bench.submit().await;
    bench.until_ended(&job.id).await;
    let report = reported(&bench, &job.id).await;
    let summary: serde_json::Value = serde_json::from_slice(&read(&report.url)).unwrap();
    assert_eq!(summary["job"]["counters"]["done"], "2");
    let errors = serde_json::json!([{ "code": "image-truncated", "failed": "1" }]);
    assert_eq!(summary["job"]["errors"], errors);
    let parts = summary["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 1);
    let name = parts[0]["name"].as_str().unwrap();
    let part = read(&report.url.replace("summary.json", name));
    assert_eq!(parts[0]["sha256"], hex::encode(Sha256::digest(&part)));
    assert_eq!(
        (&parts[0]["tasks"], &parts[0]["bytes"]),
        (&3.into(), &part.len().into())
    );
    let told = lines(&part);
    let codes: Vec<_> = told
        .iter()
        .map(|task| (task.key.as_str(), task.code.as_str()))
        .collect();
    assert_eq!(codes, [("a.jpg", ""), ("b.jpg", "image-truncated"), ("c.jpg", "")]);
    assert!(
        told.iter()
            .all(|task| !task.ended_at.is_empty() && task.outputs.len() == 1)
    );
}

#[tokio::test]
async fn a_report_that_was_cut_off_goes_on_after_its_last_part() {
    let setup = Setup::new().await.photos(["a.jpg"]);
    let ledger = Arc::clone(&setup.ledger);
    let url = |below: &str| format!("file://{}/{below}", setup.folder.path().display());
    let request = v1::SubmitJobRequest {
        source: Some(v1::Source {
            prefix: url("photos"),
            ..Default::default()
        }),
        recipes: vec![crate::bench::recipe("waves")],
        destination: Some(v1::Destination {
            prefix: url("painted"),
            ..Default::default()
        }),
        ..Default::default()
    };
    let new = NewJob {
        tenant: "default".into(),
        request: serde_json::to_string(&request).unwrap(),
        ..NewJob::default()
    };
    let job = ledger.submit(new).await.unwrap();
    let photo = NewTask::photo(url("photos/a.jpg"), "a.jpg");
    let token = ledger
        .lead("test", std::time::Duration::from_secs(60))
        .await
        .unwrap()
        .unwrap();
    ledger.expand(token, job.id, None, &[photo], None, 1).await.unwrap();
    ledger.resign(token).await.unwrap();
    ledger.cancel(job.id, "enough", 7).await.unwrap();
    let stored = ReportPart {
        part: 0,
        tasks: 1,
        bytes: 5,
        sha256: "of what an earlier coordinator stored".into(),
    };
    ledger.add_report_part(job.id, 7, &stored).await.unwrap();

    let bench = setup.start().await;
    let report = reported(&bench, &job.id.to_string()).await;
    let summary: serde_json::Value = serde_json::from_slice(&read(&report.url)).unwrap();
    assert_eq!(summary["parts"][0]["sha256"], stored.sha256);
    let part = report.url.replace("summary.json", "part-00000.jsonl.gz");
    assert!(
        !std::fs::exists(part.strip_prefix("file://").unwrap()).unwrap(),
        "it was written again"
    );
}

#[tokio::test]
async fn a_part_that_is_written_again_after_a_crash_is_the_same() {
    let mut setup = Setup::new().await.photos((0..50).map(|n| format!("{n}.jpg")));
    setup.config.grace_seconds = 0.2;
    setup.config.leader_lease_seconds = 1.0;
    let ledger = Arc::clone(&setup.ledger);
    let cut_off = UnreliableLedger {
        parts: Arc::new(Semaphore::new(0)),
        ..UnreliableLedger::new(&ledger, &Fuse::default())
    };
    setup.ledger = Arc::new(cut_off);
    let (config, broker) = (setup.config.clone(), Arc::clone(&setup.broker));
    let bench = setup.start().await;
    let worker = Worker::start(&bench.broker, |task| async move {
        vec![match task.seq % 3 {
            0 => outcome(&task, Outcome::Failed, "image-truncated"),
            _ => done(&task),
        }]
    })
    .await;
    let job = bench.submit().await;
    let ended = bench.until_ended(&job.id).await;
    drop(worker);
    let part = ended.report.unwrap().url.replace("summary.json", "part-00000.jsonl.gz");
    let path = part.strip_prefix("file://").unwrap();
    crate::bench::eventually("the part is stored, and nobody has recorded it", async || {
        std::fs::exists(path).unwrap()
    })
    .await;
    let first = read(&part);
    let folder = tempfile::TempDir::new_in(bench.folder.path()).unwrap();
    let root = bench.folder.path().to_owned();
    bench.stop.cancel();
    let _folder = bench.folder;
    bench.running.join().await.unwrap();

    std::fs::remove_file(path).unwrap();
    let next = Setup {
        ledger,
        broker,
        config,
        folder,
        roots: vec![root],
        ..Setup::new().await
    };
    let next = next.start().await;
    reported(&next, &job.id).await;
    assert!(read(&part) == first, "the part differs");
    assert_eq!(lines(&first).len(), 50);
}

#[tokio::test]
async fn where_a_report_can_not_be_written_the_job_says_why() {
    let bench = Setup::new().await.photos(["a.jpg"]).start().await;
    let worker = Worker::start(&bench.broker, |task| async move { vec![done(&task)] }).await;
    // A file where the folder of reports would be.
    std::fs::create_dir(bench.folder.path().join("painted")).unwrap();
    std::fs::write(bench.folder.path().join("painted/_velatura"), b"in the way").unwrap();
    let mut request = bench.request();
    request.destination.as_mut().unwrap().prefix = bench.url("painted");
    let job = bench.client.submit(&request).await;
    bench.until_ended(&job.id).await;
    drop(worker);
    crate::bench::eventually("it says why", async || {
        let report = bench.client.job(&job.id).await.report.unwrap_or_default();
        report.state() == State::Failed && !report.message.is_empty()
    })
    .await;
}

#[tokio::test]
async fn after_their_time_tasks_are_purged_and_the_report_stays() {
    let mut setup = Setup::new().await.photos(["a.jpg"]);
    setup.config.retention_days = 0;
    let bench = setup.start().await;
    let _worker = Worker::obedient(&bench.broker).await;
    let kept = bench.submit().await;
    bench.until_ended(&kept.id).await;
    let report = reported(&bench, &kept.id).await;
    // It is the year 2096.
    while bench.ledger.purge(Some(1), 100, 4_000_000_000_000).await.unwrap() > 0 {}
    let gone = bench.client.get(&format!("/v1/jobs/{}/tasks", kept.id)).await;
    assert_eq!(gone.error(), (410, "tasks-purged".into()));
    assert!(gone.text.contains("report"), "{}", gone.text);
    let job = bench.client.job(&kept.id).await;
    assert!(!job.purged_at.is_empty() && job.counters.unwrap().done == 1);
    assert!(!read(&report.url).is_empty());
}
