//! What the broker gave up is kept, tried once more, or forgotten.

use velatura_ledger::{DeadKind, NewDeadLetter};
use velatura_proto::{from_json, to_json, v1};
use velatura_queue::{Message, QueueName};

use crate::bench::{Bench, Setup, Worker, counters, tasks_queue};

async fn kept(bench: &Bench, count: usize) -> Vec<v1::DeadLetter> {
    loop {
        let listed: v1::ListDeadLettersResponse = bench.client.read("/v1/dead-letters").await;
        if listed.dead_letters.len() == count {
            return listed.dead_letters;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_message_that_can_not_be_read_is_kept_until_somebody_discards_it() {
    let bench = Setup::new().await.start().await;
    let message = Message {
        body: b"{\"version\": 9}".to_vec().into(),
        id: "from tomorrow".into(),
    };
    bench.broker.publish(&QueueName::Dead, vec![message]).await;
    let letter = kept(&bench, 1).await.remove(0);
    assert_eq!(
        (letter.kind(), letter.message_id.as_str()),
        (v1::dead_letter::Kind::Unreadable, "from tomorrow")
    );
    assert!(
        letter.reason.contains("version 9") && letter.excerpt.contains("version"),
        "{letter:?}"
    );
    let path = format!("/v1/dead-letters/{}", letter.id);
    let replayed = bench.client.post(&format!("{path}/replay")).await;
    assert_eq!(replayed.error(), (409, "dead-letter-unreadable".into()));
    assert_eq!(bench.client.send("DELETE", &path, None, "").await.status, 200);
    kept(&bench, 0).await;
    assert_eq!(
        bench.client.send("DELETE", &path, None, "").await.error(),
        (404, "dead-letter-not-found".into())
    );
}

#[tokio::test]
async fn a_task_that_an_earlier_program_could_not_read_is_given_back_or_tried_anew() {
    let bench = Setup::new().await.photos(["a.jpg", "b.jpg"]).start().await;
    let job = bench.submit().await;
    let mut consumer = bench.broker.consume(&tasks_queue(), 2).await.unwrap();
    let (lost, given_up) = (consumer.next().await.unwrap(), consumer.next().await.unwrap());
    let task = |delivery: &velatura_queue::Delivery| from_json::<v1::Task>(delivery.body()).unwrap();
    let (first, second) = (task(&lost), task(&given_up));
    for task in [&first, &second] {
        let letter = NewDeadLetter {
            kind: DeadKind::Unreadable,
            reason: "it is of version 1".to_owned(),
            message_id: format!("{}/{}/1", task.job_id, task.seq),
            about: None,
            body: String::from_utf8(to_json(task)).unwrap(),
            bytes: 1,
            now: 1,
        };
        bench.ledger.bury(&letter).await.unwrap();
    }
    // The broker has neither any more; of one it was said that it is poison.
    lost.ack().await.unwrap();
    given_up.ack().await.unwrap();
    drop(consumer);
    let poison = crate::bench::outcome(&second, v1::task_report::Outcome::Failed, "poison");
    let message = Message {
        body: to_json(&poison).into(),
        id: "poison".into(),
    };
    bench.broker.publish(&QueueName::Results, vec![message]).await;
    bench.until(&job.id, |job| counters(job).failed == 1).await;

    let _worker = Worker::obedient(&bench.broker).await;
    for letter in kept(&bench, 2).await {
        let path = format!("/v1/dead-letters/{}/replay", letter.id);
        assert_eq!(bench.client.post(&path).await.status, 200);
    }
    let ended = bench.until(&job.id, |job| counters(job).done == 2).await;
    assert_eq!(counters(&ended).failed, 0);
    kept(&bench, 0).await;
}

#[tokio::test]
async fn a_poison_task_that_is_replayed_is_tried_anew() {
    let bench = Setup::new().await.photos(["a.jpg"]).start().await;
    let job = bench.submit().await;
    let mut consumer = bench.broker.consume(&tasks_queue(), 1).await.unwrap();
    consumer.next().await.unwrap().reject().await.unwrap();
    drop(consumer);
    let ended = bench.until_ended(&job.id).await;
    assert_eq!(counters(&ended).failed, 1);
    let letter = kept(&bench, 1).await.remove(0);
    assert_eq!(
        (letter.kind(), &letter.job_id),
        (v1::dead_letter::Kind::Poison, &job.id)
    );
    let _worker = Worker::obedient(&bench.broker).await;
    let path = format!("/v1/dead-letters/{}/replay", letter.id);
    assert_eq!(bench.client.post(&path).await.status, 200);
    bench
        .until(&job.id, |job| counters(job).done == 1 && !job.ended_at.is_empty())
        .await;
    kept(&bench, 0).await;
}
