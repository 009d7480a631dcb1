use std::time::Instant;

use futures_util::future::join_all;
use velatura_ledger::LedgerError;

use super::*;

/// A lease that ends while a test looks on.
const SHORT: Duration = Duration::from_millis(200);
/// A ledger's clock counts these.
const TICK: Duration = Duration::from_millis(1);

/// Asks until it leads.
async fn leads(ledger: &Opened, holder: &str) -> Token {
    let begun = Instant::now();
    loop {
        if let Some(token) = ledger.lead(holder, HOUR).await.unwrap() {
            return token;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{holder} never leads");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub async fn one_leads_and_the_others_wait(ledger: &Opened) {
    assert_eq!(ledger.lead("another", HOUR).await.unwrap(), None);
    assert!(ledger.renew(ledger.token, HOUR).await.unwrap());
    let leader = ledger.leader().await.unwrap().unwrap();
    assert_eq!((leader.holder.as_str(), leader.token), ("tests", ledger.token));
}

pub async fn a_lease_that_is_not_renewed_is_taken_over(ledger: &Opened) {
    let begun = Instant::now();
    assert!(ledger.renew(ledger.token, SHORT).await.unwrap());
    let token = leads(ledger, "another").await;
    assert!(begun.elapsed() + TICK >= SHORT, "not while it lasts");
    assert!(token > ledger.token);
    assert!(!ledger.renew(ledger.token, HOUR).await.unwrap());
    assert_eq!(ledger.leader().await.unwrap().unwrap().holder, "another");
}

pub async fn who_resigns_is_followed_at_once(ledger: &Opened) {
    ledger.resign(ledger.token).await.unwrap();
    assert_eq!(ledger.leader().await.unwrap(), None);
    let token = ledger.lead("another", HOUR).await.unwrap().unwrap();
    ledger.resign(ledger.token).await.unwrap();
    assert!(
        ledger.renew(token, HOUR).await.unwrap(),
        "an earlier leader ends nobody's lease"
    );
}

pub async fn the_same_name_gets_a_new_lease_at_once(ledger: &Opened) {
    let token = ledger.lead("tests", HOUR).await.unwrap().unwrap();
    assert!(token > ledger.token);
    assert!(!ledger.renew(ledger.token, HOUR).await.unwrap());
}

pub async fn an_earlier_leader_changes_nothing(ledger: &Opened) {
    let job = job_of(ledger, 5).await;
    let open = submitted(ledger).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 2, NOW).await.unwrap();
    let (before, old) = (audited(ledger, &job).await, ledger.token);
    ledger.lead("tests", HOUR).await.unwrap().unwrap();

    let stale = Err(LedgerError::NotLeading);
    assert_eq!(
        ledger.dispatch(old, job.id, 2, NOW).await,
        stale.clone().map(|()| vec![])
    );
    let attempts = [(tasks[0].seq, tasks[0].attempt)];
    assert_eq!(ledger.undispatch(old, job.id, &attempts).await, stale);
    assert_eq!(
        ledger.reclaim(old, NOW + 1, 9, NOW).await,
        stale.clone().map(|()| vec![])
    );
    assert_eq!(ledger.settle(old, 9, NOW).await, stale.clone().map(|()| 0));
    assert_eq!(
        ledger.fail(old, open.id, &gone(), NOW).await.unwrap_err(),
        LedgerError::NotLeading
    );
    let page = photos(0, 3);
    let page = ledger.expand(old, open.id, None, &page, None, NOW).await;
    assert_eq!(page.unwrap_err(), LedgerError::NotLeading);
    assert_eq!(audited(ledger, &job).await, before);
    assert_eq!(audited(ledger, &open).await, open);

    // What its attempts became still counts: a report is fenced by its attempt, not by who takes it.
    ledger.report(&reports(&tasks, &Outcome::Done), NOW).await.unwrap();
    assert_eq!(audited(ledger, &job).await.counters.done, 2);
}

pub async fn of_many_who_ask_one_leads(ledger: &Opened) {
    ledger.resign(ledger.token).await.unwrap();
    let names: Vec<String> = (0..8).map(|nth| format!("coordinator {nth}")).collect();
    let asked = join_all(names.iter().map(|name| ledger.lead(name, HOUR))).await;
    assert_eq!(asked.into_iter().filter_map(Result::unwrap).count(), 1);
}
