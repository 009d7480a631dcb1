//! Jobs are changed while they run, and done again when they have ended.

use std::sync::{Arc, Mutex};

use velatura_proto::v1;
use velatura_proto::v1::task_report::Outcome;

use crate::bench::{Setup, Worker, counters, done, outcome, recipe};

#[tokio::test]
async fn failed_tasks_are_tried_anew_all_or_by_code() {
    let bench = Setup::new()
        .await
        .photos(["a.jpg", "b.jpg", "c.jpg", "sub/d.jpg"])
        .start()
        .await;
    let mended: Arc<Mutex<bool>> = Arc::default();
    let is_mended = Arc::clone(&mended);
    let _worker = Worker::start(&bench.broker, move |task| {
        let mended = *is_mended.lock().unwrap();
        async move {
            match task.key.as_str() {
                "a.jpg" => vec![done(&task)],
                _ if mended => vec![done(&task)],
                "b.jpg" => vec![outcome(&task, Outcome::Failed, "image-corrupt")],
                _ => vec![outcome(&task, Outcome::Failed, "mask-missing")],
            }
        }
    })
    .await;
    let job = bench.submit().await;
    assert_eq!(counters(&bench.until_ended(&job.id).await).failed, 3);
    let shown = bench.client.job(&job.id).await;
    let errors: Vec<_> = shown
        .errors
        .iter()
        .map(|error| (error.code.as_str(), error.failed))
        .collect();
    assert_eq!(errors, [("mask-missing", 2), ("image-corrupt", 1)]);
    let by_code = bench.client.tasks(&job.id, "code=mask-missing").await;
    let keys = |page: &v1::ListTasksResponse| page.tasks.iter().map(|task| task.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&by_code), ["c.jpg", "sub/d.jpg"]);
    assert_eq!(
        keys(&bench.client.tasks(&job.id, "key_prefix=sub/&state=failed").await),
        ["sub/d.jpg"]
    );

    *mended.lock().unwrap() = true;
    let codes = v1::RetryFailedRequest {
        codes: vec!["image-corrupt".into()],
        ..Default::default()
    };
    let path = format!("/v1/jobs/{}/retry", job.id);
    assert_eq!(bench.client.post_json(&path, &codes).await.status, 200);
    bench
        .until(&job.id, |job| counters(job).done == 2 && !job.ended_at.is_empty())
        .await;
    assert_eq!(bench.client.post(&path).await.status, 200);
    let job = bench
        .until(&job.id, |job| counters(job).done == 4 && !job.ended_at.is_empty())
        .await;
    assert!(bench.client.job(&job.id).await.errors.is_empty());
    let tasks = bench.client.tasks(&job.id, "").await.tasks;
    assert!(
        tasks.iter().all(|task| task.attempts == 1),
        "each run counts its own attempts"
    );
}

#[tokio::test]
async fn a_recipe_that_is_added_later_is_painted_for_every_photo() {
    let bench = Setup::new().await.photos(["a.jpg", "b.jpg"]).start().await;
    let painted: Arc<Mutex<Vec<(String, usize)>>> = Arc::default();
    let seen = Arc::clone(&painted);
    let _worker = Worker::start(&bench.broker, move |task| {
        seen.lock().unwrap().push((task.key.clone(), task.paintings.len()));
        async move { vec![done(&task)] }
    })
    .await;
    let job = bench.submit().await;
    bench.until_ended(&job.id).await;
    let path = format!("/v1/jobs/{}/recipes", job.id);
    let more = |style: &str| v1::AddRecipesRequest {
        recipes: vec![recipe(style)],
        ..Default::default()
    };
    let same = bench.client.post_json(&path, &more("waves")).await;
    assert_eq!(same.error(), (422, "recipe-label-duplicate".into()));
    let none = bench.client.post_json(&path, &v1::AddRecipesRequest::default()).await;
    assert_eq!(none.error(), (422, "recipes-missing".into()));
    assert_eq!(bench.client.post_json(&path, &more("sumi")).await.status, 200);
    let job = bench
        .until(&job.id, |job| counters(job).done == 2 && !job.ended_at.is_empty())
        .await;
    assert_eq!(job.recipes.len(), 2);
    let mut painted = painted.lock().unwrap().clone();
    painted.sort();
    let expected = [("a.jpg", 1), ("a.jpg", 2), ("b.jpg", 1), ("b.jpg", 2)];
    assert_eq!(painted, expected.map(|(key, recipes)| (key.to_owned(), recipes)));
    assert_eq!(bench.client.tasks(&job.id, "").await.tasks[0].outputs.len(), 2);
}

#[tokio::test]
async fn terms_are_given_shown_and_changed() {
    let bench = Setup::new().await.photos(["a.jpg"]).start().await;
    let request = v1::SubmitJobRequest {
        share: 2.0,
        max_running: 5,
        priority: 3,
        ..bench.request()
    };
    let job = bench.client.submit(&request).await;
    assert_eq!((job.share, job.max_running, job.priority), (2.0, 5, 3));
    let path = format!("/v1/jobs/{}", job.id);
    let patch = async |body: &str| {
        bench
            .client
            .send("PATCH", &path, Some("application/json"), body.to_owned())
            .await
    };
    assert_eq!(patch(r#"{"share": 0.5, "max_running": 0}"#).await.status, 200);
    let job = bench.client.job(&job.id).await;
    assert_eq!((job.share, job.max_running, job.priority), (0.5, 0, 3));
    assert_eq!(patch("{}").await.error(), (422, "update-empty".into()));
    assert_eq!(
        patch(r#"{"priority": 1000}"#).await.error(),
        (422, "priority-invalid".into())
    );
    let greedy = v1::SubmitJobRequest {
        share: 5000.0,
        ..bench.request()
    };
    let refused = bench.client.post_json("/v1/jobs", &greedy).await;
    assert_eq!(refused.error(), (422, "share-invalid".into()));
}
