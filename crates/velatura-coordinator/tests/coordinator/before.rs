//! Before a job is let loose: dry runs, and samples that wait for approval.

use std::sync::{Arc, Mutex};

use crate::bench::{Bench, Setup, Worker, counters};
use crate::shelf::{self, Shelf};
use velatura_objects::PutOptions;
use velatura_proto::v1;
use velatura_proto::v1::Approval;
use velatura_proto::v1::job::State;
use velatura_recipe::{ORIGIN_KEY, Origin, Recipe};

/// So many photos, and a worker that remembers in which order it saw them.
async fn seen(photos: usize) -> (Bench, Arc<Mutex<Vec<String>>>, Worker) {
    let keys = (0..photos).map(|n| format!("{n}.jpg"));
    let bench = Setup::new().await.photos(keys).start().await;
    let (worker, order) = Worker::noting(&bench.broker, |task| &task.key).await;
    (bench, order, worker)
}

async fn dry_run(bench: &Bench, request: &v1::SubmitJobRequest) -> v1::DryRunReport {
    let answer = bench.client.post_json("/v1/dry-run", request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_str(&answer.text).unwrap()
}

#[tokio::test]
async fn a_dry_run_tells_what_a_job_would_do_and_records_nothing() {
    let shelf = Shelf::new();
    for name in ["a.jpg", "b.jpg", "c.jpg", "c.png", "d.jpg"] {
        shelf.put(&format!("in/{name}"), vec![0; 1000]).await;
    }
    // One picture is just what the job would paint, one is of an earlier version of its photo, one is somebody else's.
    let recipe = Recipe::try_from(crate::bench::recipe("waves")).unwrap();
    let painted = async |name: &str, version: &str| {
        let origin = Origin::new(version, &recipe).to_string();
        let options = PutOptions {
            metadata: [(ORIGIN_KEY.to_owned(), origin)].into(),
            ..PutOptions::default()
        };
        shelf.put_with(&format!("painted/{name}"), vec![0; 400], options).await;
    };
    let version = shelf.put("in/a.jpg", vec![1; 1000]).await;
    painted("a.waves.jpg", &version).await;
    painted("b.waves.jpg", "an earlier one").await;
    shelf.put("painted/c.waves.jpg", vec![0; 400]).await;
    let bench = shelf.start().await;
    let request = shelf::prefix("s3://library/in");
    let report = dry_run(&bench, &request).await;
    assert_eq!((report.photos, report.bytes, report.complete), (4, Some(4000), true));
    assert_eq!((report.sampled, report.sampled_skipped, report.skipped), (4, 1, 1));
    assert_eq!((report.rate, report.hours), (None, None), "nothing was painted yet");
    assert_eq!(report.output_bytes, Some(1200), "three more like those that are there");
    assert_eq!(report.problem_count, 1);
    let problem = &report.problems[0];
    assert!(
        problem.code == "output-collision" && problem.message.contains("c.png"),
        "{problem:?}"
    );
    assert_eq!(report.example_outputs[0], "s3://library/painted/a.waves.jpg");
    assert!(
        report.basis.iter().any(|basis| basis.contains("no rate is known")),
        "{:?}",
        report.basis
    );

    let over_grpc = bench.grpc().await.dry_run(request).await.unwrap().into_inner();
    assert_eq!((over_grpc.photos, over_grpc.problem_count), (4, 1));
    let jobs: v1::ListJobsResponse = bench.client.read("/v1/jobs").await;
    assert!(jobs.jobs.is_empty());
}

#[tokio::test]
async fn a_dry_run_estimates_from_what_was_painted_before() {
    let bench = Setup::new().await.photos(["a.jpg", "b.jpg"]).start().await;
    let _worker = Worker::obedient(&bench.broker).await;
    let job = bench.submit().await;
    bench.until_ended(&job.id).await;
    let report = dry_run(&bench, &bench.request()).await;
    assert!(report.rate.unwrap() > 0.0 && report.hours.unwrap() > 0.0, "{report:?}");
}

#[tokio::test]
async fn samples_are_painted_first_and_the_rest_waits_for_approval() {
    let (bench, order, _worker) = seen(10).await;
    let request = v1::SubmitJobRequest {
        samples: 2,
        wait_for_approval: true,
        ..bench.request()
    };
    let job = bench.client.submit(&request).await;
    let waits = bench.until(&job.id, |job| job.approval() == Approval::Awaited).await;
    assert_eq!(
        (waits.state(), counters(&waits).done, waits.samples),
        (State::Paused, 2, 2)
    );
    assert_eq!(*order.lock().unwrap(), ["2.jpg", "7.jpg"]);
    let painted = bench.client.tasks(&job.id, "state=DONE").await.tasks;
    assert!(painted.iter().all(|task| task.sample) && painted.len() == 2);

    let path = |verb: &str| format!("/v1/jobs/{}/{verb}", job.id);
    assert_eq!(
        bench.client.post(&path("resume")).await.error(),
        (409, "job-awaits-approval".into())
    );
    assert_eq!(bench.client.post(&path("approve")).await.status, 200);
    let job = bench.until_ended(&job.id).await;
    assert_eq!((job.state(), counters(&job).done), (State::Done, 10));
    assert_eq!(job.approval(), Approval::Unspecified);
}

#[tokio::test]
async fn a_job_whose_samples_are_rejected_is_cancelled_with_the_reason() {
    let bench = Setup::new()
        .await
        .photos((0..5).map(|n| format!("{n}.jpg")))
        .start()
        .await;
    let _worker = Worker::obedient(&bench.broker).await;
    let request = v1::SubmitJobRequest {
        samples: 1,
        wait_for_approval: true,
        ..bench.request()
    };
    let job = bench.client.submit(&request).await;
    bench.until(&job.id, |job| job.approval() == Approval::Awaited).await;
    let path = format!("/v1/jobs/{}/reject?reason=too%20dark", job.id);
    assert_eq!(bench.client.post(&path).await.status, 200);
    let job = bench.client.job(&job.id).await;
    assert_eq!(
        (job.state(), counters(&job).done, counters(&job).cancelled),
        (State::Cancelled, 1, 4)
    );
    assert!(job.reason.contains("too dark"), "{}", job.reason);

    let plain = bench.submit().await;
    let answer = bench.client.post(&format!("/v1/jobs/{}/approve", plain.id)).await;
    assert_eq!(answer.error(), (409, "approval-not-awaited".into()));
}

#[tokio::test]
async fn samples_without_approval_only_come_first() {
    let (bench, order, _worker) = seen(9).await;
    let request = v1::SubmitJobRequest {
        samples: 1,
        ..bench.request()
    };
    let job = bench.client.submit(&request).await;
    assert_eq!(counters(&bench.until_ended(&job.id).await).done, 9);
    assert_eq!(order.lock().unwrap()[0], "4.jpg");
}
