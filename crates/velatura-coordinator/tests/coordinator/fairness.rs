//! Who gets how much of the workers.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use velatura_ledger::{NewJob, Tenant};
use velatura_proto::{from_json, to_json, v1};
use velatura_queue::{Heard, Lane, QueueName};

use crate::bench::{Bench, PATIENCE, Setup, Worker, counters, done, eventually, tasks_queue};

/// A job of a tenant, as if that one had submitted it.
async fn submitted_by(bench: &Bench, tenant: &str) -> String {
    let job = NewJob {
        tenant: tenant.to_owned(),
        request: String::from_utf8(to_json(&bench.request())).unwrap(),
        ..NewJob::default()
    };
    bench.ledger.submit(job).await.unwrap().id.to_string()
}

#[tokio::test]
async fn tenants_of_weights_1_2_4_get_their_shares_of_what_is_done() {
    let mut setup = Setup::new().await.photos((0..900).map(|i| format!("{i:03}.jpg")));
    // No multiple of seven, and smaller than a fair division would need in one go.
    setup.config.window_tasks = 10;
    let bench = setup.start().await;
    let mut ids = Vec::new();
    for (name, weight) in [("one", 1.0), ("two", 2.0), ("four", 4.0)] {
        let tenant = Tenant {
            weight,
            ..Tenant::new(name)
        };
        bench.ledger.put_tenant(&tenant).await.unwrap();
        ids.push(submitted_by(&bench, name).await);
    }
    for id in &ids {
        bench.until(id, |job| counters(job).total == 900).await;
    }
    let (_worker, order) = Worker::noting(&bench.broker, |task| &task.job_id).await;
    // Until the heaviest has no more, everybody has work. What was in the window before all had come is left out.
    bench.until(&ids[2], |job| counters(job).done > 800).await;
    let order = order.lock().unwrap()[20..1300].to_vec();
    for (id, weight) in ids.iter().zip([1.0, 2.0, 4.0]) {
        let is = order.iter().filter(|job| *job == id).count() as f64 / order.len() as f64;
        let should = weight / 7.0;
        assert!((is / should - 1.0).abs() < 0.05, "{is} instead of {should}");
    }
}

#[tokio::test]
async fn limits_of_jobs_and_tenants_hold() {
    let bench = Setup::new()
        .await
        .photos((0..30).map(|i| format!("{i:02}.jpg")))
        .start()
        .await;
    let limited = Tenant {
        max_running: Some(7),
        ..Tenant::new("limited")
    };
    bench.ledger.put_tenant(&limited).await.unwrap();
    let (one, two) = (
        submitted_by(&bench, "limited").await,
        submitted_by(&bench, "limited").await,
    );
    let request = v1::SubmitJobRequest {
        max_running: 4,
        ..bench.request()
    };
    let own = bench.client.submit(&request).await.id;
    let dispatched = async |id: &str| counters(&bench.client.job(id).await).dispatched;
    eventually("all that may be is dispatched", async || {
        let depth = bench.broker.depth(&tasks_queue()).await.unwrap();
        depth.ready == 11
    })
    .await;
    for id in [&one, &two, &own] {
        bench.until(id, |job| counters(job).total == 30).await;
    }
    assert_eq!(dispatched(&one).await + dispatched(&two).await, 7);
    assert_eq!(dispatched(&own).await, 4);
    let _worker = Worker::obedient(&bench.broker).await;
    for id in [&one, &two, &own] {
        assert_eq!(counters(&bench.until_ended(id).await).done, 30);
    }
}

#[tokio::test]
async fn what_somebody_waits_for_overtakes_a_full_window_within_a_second() {
    let mut setup = Setup::new().await.photos((0..40).map(|i| format!("{i:02}.jpg")));
    setup.config.window_tasks = 5;
    setup.config.interactive_max_photos = 2;
    let bench = setup.start().await;
    bench.submit().await;
    eventually("the window is full", async || {
        bench.broker.depth(&tasks_queue()).await.unwrap().ready == 5
    })
    .await;
    let interactive = QueueName::tasks("default", Lane::Interactive).unwrap();
    let mut consumer = bench.broker.consume(&interactive, 1).await.unwrap();
    let mut request = bench.request();
    request.interactive = true;
    let prefix = bench.client.post_json("/v1/jobs", &request).await;
    assert_eq!(prefix.error(), (422, "interactive-too-large".into()));
    request.source = Some(v1::Source {
        objects: vec![bench.url("photos/07.jpg")],
        ..Default::default()
    });
    let begun = Instant::now();
    let job = bench.client.submit(&request).await;
    let delivery = tokio::time::timeout(PATIENCE, consumer.next()).await.unwrap().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(
        bench.broker.depth(&tasks_queue()).await.unwrap().ready,
        5,
        "nothing of the other job is done"
    );
    let task: v1::Task = from_json(delivery.body()).unwrap();
    assert_eq!((task.job_id, task.key.as_str()), (job.id, "07.jpg"));
}

#[tokio::test]
async fn workers_hear_at_once_whose_tasks_they_must_not_begin() {
    let bench = Setup::new().await.photos(["a.jpg"]).start().await;
    let job = bench.submit().await;
    let mut listener = bench.broker.listen();
    assert_eq!(listener.next().await, Heard::Joined);
    let mut hears = async |wish: &dyn Fn(&v1::Control) -> bool| {
        loop {
            let Heard::Called(body) = listener.next().await else {
                continue;
            };
            if wish(&from_json(&body).unwrap()) {
                return;
            }
        }
    };
    bench.client.post(&format!("/v1/jobs/{}/pause", job.id)).await;
    hears(&|control| control.withheld == [job.id.clone()]).await;
    bench.client.post(&format!("/v1/jobs/{}/resume", job.id)).await;
    hears(&|control| control.released == [job.id.clone()]).await;
    bench.client.post(&format!("/v1/jobs/{}/cancel", job.id)).await;
    hears(&|control| control.withheld == [job.id.clone()]).await;
    // Who comes later asks.
    let question = v1::Control {
        version: 1,
        asks: true,
        ..Default::default()
    };
    bench.broker.call_out(to_json(&question).into()).await.unwrap();
    hears(&|control| control.withheld == [job.id.clone()] && control.changed.is_empty()).await;
}

#[tokio::test]
async fn a_task_that_comes_back_untried_counts_no_attempt() {
    let bench = Setup::new().await.photos(["a.jpg"]).start().await;
    let job = bench.submit().await;
    let returned = Arc::new(Mutex::new(0));
    let count = Arc::clone(&returned);
    let _worker = Worker::start(&bench.broker, move |task| {
        let mut returned = count.lock().unwrap();
        *returned += 1;
        let report = match *returned {
            1..=6 => crate::bench::outcome(&task, v1::task_report::Outcome::Returned, ""),
            _ => done(&task),
        };
        async move { vec![report] }
    })
    .await;
    assert_eq!(counters(&bench.until_ended(&job.id).await).done, 1);
    assert_eq!(bench.client.tasks(&job.id, "").await.tasks[0].attempts, 1);
}
