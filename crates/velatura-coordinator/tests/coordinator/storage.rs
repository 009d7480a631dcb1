//! A storage that says no, or that is no longer what it was.

use velatura_proto::v1;
use velatura_proto::v1::job::State;
use velatura_testkit::s3::S3;

use crate::bench::{Setup, counters};
use crate::shelf::{self, Shelf, keys};

#[tokio::test]
async fn what_storage_refuses_is_refused_at_once() {
    let shelf = Shelf::new();
    shelf.photos(["in/a.jpg"]).await;
    let bench = shelf.start().await;
    for (from, to, field, code) in [
        (
            "s3://no-such-bucket/in",
            "s3://library/painted",
            "source.prefix",
            "bucket-not-found",
        ),
        (
            "s3://library/elsewhere",
            "s3://library/painted",
            "source.prefix",
            "source-empty",
        ),
        (
            "s3://library/in",
            "s3://no-such-bucket/",
            "destination.prefix",
            "bucket-not-found",
        ),
    ] {
        let mut request = shelf::prefix(from);
        request.destination.as_mut().unwrap().prefix = to.into();
        let answer = bench.client.post_json("/v1/jobs", &request).await;
        assert_eq!(answer.error(), (422, code.into()));
        assert_eq!(answer.json()["error"]["field"], field);
    }
    let answer = bench
        .client
        .post_json("/v1/jobs", &shelf::listed("s3://library/lists/missing.csv"))
        .await;
    assert_eq!(answer.error(), (422, "object-not-found".into()));
}

#[tokio::test]
async fn a_storage_that_denies_access_is_told_at_once() {
    let shelf = Shelf::of(S3::start_checking_credentials().unwrap());
    let bench = shelf.start().await;
    let cases = [
        (shelf::prefix("s3://library/in"), "source.prefix"),
        (shelf::listed("s3://library/list.csv"), "source.manifest.url"),
        (
            v1::SubmitJobRequest {
                source: Some(v1::Source {
                    prefix: bench.url("photos"),
                    ..Default::default()
                }),
                ..shelf::prefix("")
            },
            "destination.prefix",
        ),
    ];
    for (request, field) in cases {
        for path in ["/v1/jobs", "/v1/dry-run"] {
            let answer = bench.client.post_json(path, &request).await;
            assert_eq!(
                answer.error(),
                (422, "access-denied".into()),
                "{path} {field}: {answer:?}"
            );
            assert_eq!(answer.json()["error"]["field"], field);
        }
    }
    let status = bench
        .grpc()
        .await
        .submit_job(shelf::prefix("s3://library/in"))
        .await
        .unwrap_err();
    assert_eq!(status.metadata().get("velatura-code").unwrap(), "access-denied");
}

#[tokio::test]
async fn a_bucket_that_disappears_while_it_is_listed_fails_the_job_with_its_code() {
    let mut shelf = Shelf::new();
    let names: Vec<String> = (0..200).map(|n| format!("in/{n:03}.jpg")).collect();
    shelf.photos(&names).await;
    let mut setup = shelf.setup(Setup::new().await);
    // A request for each photo, one after the other: time enough to be interrupted.
    (setup.config.page_objects, setup.config.listing_ranges) = (1, 1);
    let bench = setup.start().await;
    let request = shelf::prefix("s3://library/in");
    let job = bench.client.submit(&request).await;
    bench.until(&job.id, |job| counters(job).total > 0).await;
    // It is away for a moment, which is waited for, and comes back without its buckets.
    shelf.server.start_again().unwrap();
    let job = bench.until_ended(&job.id).await;
    assert_eq!((job.state(), job.code.as_str()), (State::Failed, "bucket-not-found"));
    assert!(
        job.reason.contains("can't be listed") && job.reason.contains("library"),
        "{}",
        job.reason
    );
    let left = counters(&job);
    assert!(left.total < 200 && left.cancelled == left.total, "{left:?}");

    // Once it is there again, the same submission is a job like any other.
    shelf.server.create_bucket("library").unwrap();
    shelf.photos(&names[..5]).await;
    let again = bench.client.submit(&request).await;
    bench.until(&again.id, |job| job.state() == State::Running).await;
    assert_eq!(keys(&bench, &again.id).await.len(), 5);
}
