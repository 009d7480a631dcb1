//! Watching a job.

use crate::bench::{Setup, Worker, counters};
use velatura_proto::v1;
use velatura_proto::v1::job::State;

#[tokio::test]
async fn the_stream_tells_every_stage_and_ends_with_the_job() {
    let mut setup = Setup::new().await.photos((0..40).map(|i| format!("{i:02}.jpg")));
    setup.config.window_tasks = 4;
    let bench = setup.start().await;
    let mut request = bench.request();
    let objects = (0..40).map(|i| bench.url(&format!("photos/{i:02}.jpg"))).collect();
    request.source = Some(v1::Source {
        objects,
        prefix: String::new(),
        ..Default::default()
    });
    let job = bench.client.submit(&request).await;
    let mut events = bench.client.events(&job.id);
    let first = events.next().await.unwrap();
    assert_eq!(first.id, job.id);
    assert!(
        first.source.unwrap().objects.is_empty(),
        "a stream does not repeat every name"
    );

    let _worker = Worker::obedient(&bench.broker).await;
    let mut told = Vec::new();
    while let Some(job) = events.next().await {
        told.push(job);
    }
    let last = told.last().unwrap();
    assert_eq!((last.state(), counters(last).done), (State::Done, 40));
    assert!(!last.ended_at.is_empty());
    let done: Vec<u64> = told.iter().map(|job| counters(job).done).collect();
    assert!(done.is_sorted(), "{done:?}");
}

#[tokio::test]
async fn an_ended_job_is_told_once() {
    let bench = Setup::new().await.photos(["a.jpg"]).start().await;
    let job = bench.submit().await;
    bench.client.post(&format!("/v1/jobs/{}/cancel", job.id)).await;
    let mut events = bench.client.events(&job.id);
    assert_eq!(events.next().await.unwrap().state(), State::Cancelled);
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn grpc_streams_the_same() {
    let bench = Setup::new().await.photos(["a.jpg", "b.jpg"]).start().await;
    let job = bench.submit().await;
    let mut grpc = bench.grpc().await;
    let mut stream = grpc
        .watch_job(v1::GetJobRequest { id: job.id.clone() })
        .await
        .unwrap()
        .into_inner();
    let _worker = Worker::obedient(&bench.broker).await;
    let mut last = None;
    while let Some(job) = stream.message().await.unwrap() {
        last = Some(job);
    }
    assert_eq!(last.unwrap().state(), State::Done);
    let missing = grpc
        .watch_job(v1::GetJobRequest { id: "seven".into() })
        .await
        .unwrap_err();
    assert_eq!(missing.code(), tonic::Code::NotFound);
}

#[tokio::test]
async fn a_running_job_tells_its_rate_and_the_time_left() {
    let bench = Setup::new()
        .await
        .photos((0..200).map(|i| format!("{i:03}.jpg")))
        .start()
        .await;
    let job = bench.submit().await;
    let _worker = Worker::start(&bench.broker, |task| async move {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        vec![crate::bench::done(&task)]
    })
    .await;
    let job = bench.until(&job.id, |job| job.seconds_left.is_some()).await;
    let left = counters(&job).pending + counters(&job).dispatched;
    assert!(job.rate > 0.0);
    assert!((job.seconds_left.unwrap() - left as f64 / job.rate).abs() < 1e-6);
}
