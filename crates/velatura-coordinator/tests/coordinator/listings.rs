//! Photos below a prefix of a real S3 server.

use std::sync::Arc;

use crate::bench::{Fuse, Setup, UnreliableLedger, counters, eventually};
use crate::shelf::{self, Shelf, all_tasks, keys};
use tokio::sync::Semaphore;
use velatura_coordinator::Ending;
use velatura_proto::v1;
use velatura_proto::v1::job::State;

#[tokio::test]
async fn every_sign_in_a_key_comes_through_and_the_tree_is_kept() {
    let shelf = Shelf::new();
    let long = format!("{}.jpg", "l".repeat(1024 - "in/".len() - ".jpg".len()));
    let odd = [
        "/leading.jpg",
        "//two.jpg",
        "a b+c%20d%.jpg",
        "folder with space/x.jpg",
        "f/ü/日本.jpg",
        "f//empty.jpg",
        "q?a=b&c#d.jpg",
        "quote'\".jpg",
        &long,
    ];
    shelf.photos(odd.iter().map(|key| format!("in/{key}"))).await;
    let bench = shelf.start().await;
    let job = bench.client.submit(&shelf::prefix("s3://library/in")).await;
    bench.until(&job.id, |job| job.state() == State::Running).await;
    let mut tasks = all_tasks(&bench, &job.id).await;
    tasks.sort_by(|a, b| a.key.cmp(&b.key));
    let mut wanted: Vec<&str> = odd.to_vec();
    wanted.sort_unstable();
    assert_eq!(tasks.iter().map(|task| task.key.as_str()).collect::<Vec<_>>(), wanted);
    for task in &tasks {
        assert_eq!(task.source, format!("s3://library/in/{}", task.key));
        let stem = task.key.strip_suffix(".jpg").unwrap();
        assert_eq!(task.outputs, [format!("s3://library/painted/{stem}.waves.jpg")]);
    }
}

#[tokio::test]
async fn a_wide_prefix_is_listed_in_ranges_and_a_restart_misses_and_doubles_nothing() {
    let shelf = Shelf::new();
    let wanted: Vec<String> = (0..600).map(|n| format!("{}/IMG_{:04}.jpg", n % 3, n)).collect();
    shelf.photos(wanted.iter().map(|key| format!("in/{key}"))).await;
    let mut setup = shelf.setup(Setup::new().await);
    setup.config.page_objects = 5;
    setup.config.listing_ranges = 4;
    (setup.config.grace_seconds, setup.config.leader_lease_seconds) = (0.2, 1.0);
    let (ledger, whole) = (Arc::clone(&setup.ledger), setup.config.clone());
    let slow = UnreliableLedger {
        pages: Arc::new(Semaphore::new(0)),
        ..UnreliableLedger::new(&ledger, &Fuse::default())
    };
    let pages = Arc::clone(&slow.pages);
    setup.ledger = Arc::new(slow);
    let bench = setup.start().await;
    let job = bench.client.submit(&shelf::prefix("s3://library/in/")).await;
    let recorded = || async { ledger.job(job.id.parse().unwrap()).await.unwrap() };
    eventually("several ranges are under way", async || {
        let cursor = recorded().await.cursor.unwrap_or_default();
        let several = cursor.matches("\"range\"").count() >= 2;
        // One batch after the other, until that is recorded; then none.
        pages.add_permits(usize::from(!several && pages.available_permits() == 0));
        several
    })
    .await;
    // As a kill does: what is listed and not recorded is lost.
    let (s3, folder) = (shelf.setup(Setup::new().await).s3, Setup::new().await);
    assert_eq!(bench.stop().await, Ending::CutShort);

    let setup = Setup {
        ledger: Arc::clone(&ledger),
        config: whole,
        s3,
        ..folder
    };
    let bench = setup.start().await;
    bench.until(&job.id, |job| job.state() == State::Running).await;
    let mut wanted = wanted;
    wanted.sort();
    assert_eq!(keys(&bench, &job.id).await, wanted);
    assert_eq!(counters(&bench.client.job(&job.id).await).total, 600);
}

#[tokio::test]
async fn a_filter_lets_pass_what_it_says() {
    let shelf = Shelf::new();
    shelf.put("in/small.jpg", vec![0; 10]).await;
    shelf.put("in/large.JPG", vec![0; 1000]).await;
    shelf.put("in/large.png", vec![0; 1000]).await;
    let bench = shelf.start().await;
    let filtered = |filter: v1::Filter| {
        let mut request = shelf::prefix("s3://library/in");
        request.source.as_mut().unwrap().filter = Some(filter);
        request
    };
    let large = filtered(v1::Filter {
        suffixes: vec![".jpg".into()],
        min_bytes: Some(100),
        modified_after: "2020-01-01T00:00:00Z".into(),
        ..Default::default()
    });
    let job = bench.client.submit(&large).await;
    bench.until(&job.id, |job| job.state() == State::Running).await;
    assert_eq!(keys(&bench, &job.id).await, ["large.JPG"]);

    let of_the_past = filtered(v1::Filter {
        modified_before: "2020-01-01T00:00:00Z".into(),
        ..Default::default()
    });
    let job = bench.client.submit(&of_the_past).await;
    let job = bench.until_ended(&job.id).await;
    assert!(job.state() == State::Failed && job.reason.contains("filter"), "{job:?}");
}

#[tokio::test]
async fn a_job_above_the_limit_fails_with_it() {
    let mut setup = Setup::new().await.photos((0..9).map(|i| format!("{i}.jpg")));
    setup.config.max_job_photos = 5;
    let bench = setup.start().await;
    let job = bench.submit().await;
    let job = bench.until_ended(&job.id).await;
    assert!(
        job.state() == State::Failed && job.reason.contains("max_job_photos") && job.code == "photos-too-many",
        "{job:?}"
    );
}

#[tokio::test]
async fn where_the_user_wants_it_only_the_second_photo_of_one_output_fails() {
    for template in ["", "{stem}.{ext}"] {
        let mut setup = Setup::new().await.photos(["f/a.jpg", "f/a.png", "f/b.jpg"]);
        setup.config.page_objects = 1;
        let bench = setup.start().await;
        let mut request = bench.request();
        let destination = request.destination.as_mut().unwrap();
        destination.template = template.into();
        destination.set_on_collision(v1::destination::OnCollision::Skip);
        let job = bench.client.submit(&request).await;
        let job = bench.until(&job.id, |job| job.state() == State::Running).await;
        assert_eq!((counters(&job).failed, counters(&job).total), (1, 3));
        let failed = bench.client.tasks(&job.id, "state=FAILED").await.tasks;
        assert_eq!(
            (failed[0].key.as_str(), failed[0].code.as_str()),
            ("f/a.png", "output-collision")
        );
        assert!(failed[0].message.contains("a.jpg") && failed[0].message.contains("a.png"));
    }
}
