use std::collections::HashSet;

use futures_util::future::join_all;
use velatura_ledger::JobState;

use super::*;

pub async fn two_dispatchers_never_take_the_same_task(ledger: &Opened) {
    let job = job_of(ledger, 400).await;
    let dispatchers = (0..4).map(|_| {
        let (ledger, token) = (Arc::clone(&ledger.ledger), ledger.token);
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let tasks = ledger.dispatch(token, job.id, 7, NOW).await.unwrap();
                if tasks.is_empty() {
                    return mine;
                }
                mine.extend(numbers(&tasks));
            }
        })
    });
    let taken: Vec<u64> = join_all(dispatchers)
        .await
        .into_iter()
        .flat_map(Result::unwrap)
        .collect();
    assert_eq!((taken.len(), taken.iter().collect::<HashSet<_>>().len()), (400, 400));
    assert_eq!(audited(ledger, &job).await.counters.dispatched, 400);
}

pub async fn reporters_of_the_same_jobs_lose_nothing(ledger: &Opened) {
    let mut jobs = Vec::new();
    let mut tasks = Vec::new();
    for _ in 0..3 {
        let job = job_of(ledger, 200).await;
        tasks.push(ledger.dispatch(ledger.token, job.id, 200, NOW).await.unwrap());
        jobs.push(job);
    }
    // Every batch is about all jobs, in another order each, so that locks taken in the order of reports would cross.
    let batches = (0..20).map(|nth| {
        let mut batch = Vec::new();
        for turn in 0..3 {
            batch.extend(reports(&tasks[(nth + turn) % 3][nth * 10..][..10], &Outcome::Done));
        }
        let ledger = Arc::clone(&ledger.ledger);
        tokio::spawn(async move { ledger.report(&batch, NOW).await.unwrap() })
    });
    for batch in join_all(batches).await {
        assert_eq!(batch.unwrap().len(), 3);
    }
    for job in &jobs {
        let job = audited(ledger, job).await;
        assert_eq!((job.state, job.counters.done), (JobState::Done, 200));
    }
}

pub async fn of_many_writers_of_a_page_one_succeeds(ledger: &Opened) {
    let job = submitted(ledger).await;
    let page = photos(0, 50);
    let writers = (0..6).map(|_| ledger.expand(ledger.token, job.id, None, &page, Some("more"), NOW));
    let succeeded = join_all(writers).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(succeeded, 1);
    assert_eq!(audited(ledger, &job).await.counters.total(), 50);
}
