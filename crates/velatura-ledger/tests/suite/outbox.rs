use futures_util::future::join_all;
use velatura_ledger::{Delivered, Delivery, JobState, Webhook};

use super::*;

/// Long after any clock.
const LATER: Millis = 4_000_000_000_000;
const MINUTE: Millis = 60_000;

async fn webhook(ledger: &Opened, id: &str, tenant: &str) -> Webhook {
    let webhook = Webhook {
        id: id.to_owned(),
        tenant: tenant.to_owned(),
        url: format!("https://{id}.example/"),
        secret: "whsec_c2VjcmV0".to_owned(),
        created_at: NOW,
        disabled_at: None,
        error: String::new(),
    };
    ledger.add_webhook(&webhook).await.unwrap();
    webhook
}

async fn take(ledger: &Opened, now: Millis) -> Vec<Delivery> {
    ledger.take_news(100, now, now + MINUTE).await.unwrap()
}

pub async fn a_job_that_is_paused_or_ends_is_news(ledger: &Opened) {
    webhook(ledger, "one", "default").await;
    let done = job_of(ledger, 2).await;
    ledger.pause(done.id, "a look").await.unwrap();
    ledger.resume(done.id).await.unwrap();
    let tasks = ledger.dispatch(ledger.token, done.id, 2, NOW).await.unwrap();
    ledger.report(&reports(&tasks, &Outcome::Done), NOW + 7).await.unwrap();
    let failed = submitted(ledger).await;
    ledger.fail(ledger.token, failed.id, &gone(), NOW).await.unwrap();
    let cancelled = job_of(ledger, 1).await;
    ledger.cancel(cancelled.id, "enough", NOW).await.unwrap();

    let mut news: Vec<_> = take(ledger, LATER).await.into_iter().map(|taken| taken.news).collect();
    news.sort_by_key(|news| (news.job, news.state != JobState::Paused));
    let told: Vec<_> = news
        .iter()
        .map(|news| (news.job, news.state, news.reason.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (done.id, JobState::Paused, "a look"),
            (done.id, JobState::Done, ""),
            (failed.id, JobState::Failed, gone().message.as_str()),
            (cancelled.id, JobState::Cancelled, "enough"),
        ]
    );
    assert_eq!(news[2].code, gone().code);
    assert_eq!(
        (news[1].counters.done, news[1].ended_at, news[1].at),
        (2, Some(NOW + 7), NOW + 7)
    );
}

pub async fn what_changes_nothing_is_no_news(ledger: &Opened) {
    webhook(ledger, "one", "default").await;
    let job = job_of(ledger, 1).await;
    for _ in 0..2 {
        ledger.pause(job.id, "a look").await.unwrap();
    }
    assert_eq!(take(ledger, LATER).await.len(), 1);
}

pub async fn each_address_of_the_tenant_is_told(ledger: &Opened) {
    for (id, tenant) in [("one", "default"), ("two", "default"), ("other", "other")] {
        webhook(ledger, id, tenant).await;
    }
    let job = submitted(ledger).await;
    ledger.cancel(job.id, "enough", NOW).await.unwrap();
    let mut taken = take(ledger, LATER).await;
    taken.sort_by(|a, b| a.webhook.cmp(&b.webhook));
    let told: Vec<_> = taken
        .iter()
        .map(|taken| (taken.webhook.as_str(), taken.url.as_str()))
        .collect();
    assert_eq!(told, [("one", "https://one.example/"), ("two", "https://two.example/")]);
    assert_ne!(taken[0].id, taken[1].id);
}

pub async fn news_are_taken_once_and_again_when_their_time_is_up(ledger: &Opened) {
    webhook(ledger, "one", "default").await;
    let job = submitted(ledger).await;
    ledger.cancel(job.id, "enough", NOW).await.unwrap();
    let first = take(ledger, LATER).await;
    assert_eq!((first.len(), first[0].attempt), (1, 1));
    assert_eq!(take(ledger, LATER + MINUTE - 1).await, []);
    let second = take(ledger, LATER + MINUTE).await;
    assert_eq!((&second[0].id, second[0].attempt), (&first[0].id, 2));
    // What a first taker says who was taken for lost changes nothing.
    ledger.settle_news(&first[0], &Delivered::Taken).await.unwrap();
    assert_eq!(take(ledger, LATER + 2 * MINUTE).await.len(), 1);
}

pub async fn what_failed_comes_again_until_it_is_taken(ledger: &Opened) {
    webhook(ledger, "one", "default").await;
    let job = submitted(ledger).await;
    ledger.cancel(job.id, "enough", NOW).await.unwrap();
    let error = "it answered 500".to_owned();
    let again = Delivered::Again {
        at: LATER + 9,
        error: error.clone(),
    };
    ledger.settle_news(&take(ledger, LATER).await[0], &again).await.unwrap();
    assert_eq!(ledger.webhooks(None).await.unwrap()[0].error, error);
    assert_eq!(take(ledger, LATER + 8).await, []);
    let taken = take(ledger, LATER + 9).await;
    ledger.settle_news(&taken[0], &Delivered::Taken).await.unwrap();
    assert_eq!(take(ledger, Millis::MAX - MINUTE).await, []);
    assert_eq!(ledger.webhooks(None).await.unwrap()[0].error, "");
}

pub async fn an_address_that_is_gone_is_told_nothing_more(ledger: &Opened) {
    let address = webhook(ledger, "one", "default").await;
    for _ in 0..2 {
        let job = submitted(ledger).await;
        ledger.cancel(job.id, "enough", NOW).await.unwrap();
    }
    let taken = ledger.take_news(1, LATER, LATER + 1).await.unwrap();
    ledger
        .settle_news(&taken[0], &Delivered::Disabled { at: LATER })
        .await
        .unwrap();
    let job = submitted(ledger).await;
    ledger.cancel(job.id, "enough", NOW).await.unwrap();
    assert_eq!(take(ledger, Millis::MAX - MINUTE).await, []);
    assert_eq!(
        ledger.webhooks(Some("default")).await.unwrap()[0].disabled_at,
        Some(LATER)
    );
    ledger.delete_webhook(&address.id).await.unwrap();
    assert_eq!(ledger.webhooks(Some("default")).await.unwrap(), []);
}

pub async fn two_takers_never_take_the_same_news(ledger: &Opened) {
    webhook(ledger, "one", "default").await;
    for _ in 0..40 {
        let job = submitted(ledger).await;
        ledger.cancel(job.id, "enough", NOW).await.unwrap();
    }
    let takers = (0..8).map(|_| ledger.take_news(10, LATER, LATER + MINUTE));
    let taken: Vec<_> = join_all(takers).await.into_iter().flat_map(Result::unwrap).collect();
    let rest = take(ledger, LATER).await;
    let mut ids: Vec<_> = taken.iter().chain(&rest).map(|taken| &taken.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), taken.len() + rest.len()), (40, 40));
}
