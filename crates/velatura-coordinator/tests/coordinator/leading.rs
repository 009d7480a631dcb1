//! Several coordinators on one ledger: one leads, all serve.

use std::sync::Arc;

use velatura_proto::v1;

use crate::bench::{Bench, Fuse, Setup, UnreliableLedger, Worker, counters, done, eventually};

const LEADS: &str = "velatura_coordinator_leader";

fn leads(bench: &Bench) -> bool {
    bench.metric(LEADS) == Some(1.0)
}

/// Two on one ledger and one broker; the first leads, for so many seconds if it can't renew that, and its line to the ledger can be cut.
async fn two(photos: usize, lease: f64) -> (Bench, Bench, Fuse) {
    let mut setup = Setup::new().await.photos((0..photos).map(|i| format!("{i:03}.jpg")));
    let fuse = Fuse::default();
    let mut other = Setup::new().await;
    for one in [&mut setup, &mut other] {
        one.config.leader_lease_seconds = lease;
    }
    other.broker = Arc::clone(&setup.broker);
    other.ledger = Arc::clone(&setup.ledger);
    other.roots.push(setup.folder.path().to_owned());
    setup.ledger = Arc::new(UnreliableLedger::new(&setup.ledger, &fuse));
    let first = setup.start().await;
    eventually("the first leads", async || leads(&first)).await;
    let second = other.start().await;
    (first, second, fuse)
}

#[tokio::test]
async fn a_follower_takes_jobs_and_shows_them_and_the_leader_does_them() {
    let (leader, follower, _) = two(30, 60.0).await;
    let job = follower.client.submit(&leader.request()).await;
    let _worker = Worker::obedient(&leader.broker).await;
    assert_eq!(counters(&follower.until_ended(&job.id).await).done, 30);
    assert!(leads(&leader) && !leads(&follower));
    assert_eq!(
        follower.metric("velatura_coordinator_tasks_dispatched_total"),
        Some(0.0)
    );
    let ready = |bench: &Bench| bench.client.clone();
    let says = async |bench: &Bench| ready(bench).get("/readyz").await.json()["leading"].clone();
    assert_eq!(
        (says(&leader).await, says(&follower).await),
        ("true".into(), "false".into())
    );
    assert_eq!(follower.client.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_leader_that_stops_is_followed_without_waiting_for_its_lease() {
    let (leader, follower, _) = two(30, 3.0).await;
    let job = follower.client.submit(&leader.request()).await;
    follower.until(&job.id, |job| counters(job).dispatched == 30).await;
    let (broker, folder) = (Arc::clone(&leader.broker), leader.folder);
    leader.stop.cancel();
    leader.running.join().await.unwrap();
    eventually("the other leads", async || leads(&follower)).await;
    let _worker = Worker::obedient(&broker).await;
    assert_eq!(counters(&follower.until_ended(&job.id).await).done, 30);
    drop(folder);
}

#[tokio::test]
async fn a_leader_without_its_ledger_stands_back_and_nothing_is_lost_or_doubled() {
    let (leader, follower, fuse) = two(200, 3.0).await;
    let job = follower.client.submit(&leader.request()).await;
    let _worker = Worker::start(&leader.broker, |task| async move {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        vec![done(&task)]
    })
    .await;
    follower.until(&job.id, |job| counters(job).done > 20).await;
    fuse.cut();
    eventually("it stands back", async || !leads(&leader)).await;
    eventually("the other leads", async || leads(&follower)).await;
    // Now it may ask again, and finds that it is no longer needed.
    fuse.mend();
    let job = follower.until_ended(&job.id).await;
    let all = v1::Counters {
        total: 200,
        done: 200,
        ..Default::default()
    };
    assert_eq!(counters(&job), all);
    assert!(!leads(&leader));
}
