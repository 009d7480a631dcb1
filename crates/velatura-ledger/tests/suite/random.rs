//! A long random life of several jobs, told to the ledger and to a simple model of it, which must agree after each step.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;
use velatura_ledger::{JobState, LedgerError};

use super::*;

/// How often the tasks are listed and compared too.
const AUDIT_EVERY: usize = 40;

/// Lets `steps` random things happen.
pub async fn a_random_life_agrees_with_the_model(ledger: &Opened, seed: u64, steps: usize) {
    let mut life = Life {
        rng: SmallRng::seed_from_u64(seed),
        jobs: Vec::new(),
        gone: Vec::new(),
        now: NOW,
    };
    for step in 0..steps {
        life.now += life.rng.random_range(0..20);
        if life.jobs.len() < 3 {
            let job = submitted(ledger).await;
            life.jobs.push(Model {
                id: job.id,
                ..Model::default()
            });
        }
        life.step(ledger).await;
        life.retire(ledger).await;
        if step % AUDIT_EVERY == 0 {
            for model in &life.jobs {
                model.agrees(ledger).await;
            }
        }
    }
    assert!(
        life.gone.contains(&Some(JobState::Done)),
        "some job was done: {:?}",
        life.gone
    );
}

/// What a job should be.
#[derive(Debug, Default)]
struct Model {
    id: Uuid,
    ended: Option<JobState>,
    paused: bool,
    expanded: bool,
    pages: usize,
    tasks: Vec<Photo>,
}

/// What a task should be; `at` is when it is due, or since when it is under way, or -1 if it never was.
#[derive(Debug, Clone, Copy)]
struct Photo {
    state: TaskState,
    attempt: u32,
    at: Millis,
}

impl Model {
    fn state(&self) -> JobState {
        match (self.ended, self.paused, self.expanded) {
            (Some(state), _, _) => state,
            (None, true, _) => JobState::Paused,
            (None, false, true) => JobState::Running,
            (None, false, false) => JobState::Expanding,
        }
    }

    fn cursor(&self) -> Option<String> {
        (self.pages > 0 && !self.expanded).then(|| format!("page {}", self.pages))
    }

    fn end_if_over(&mut self) {
        let unfinished = self.tasks.iter().any(|task| !task.state.is_ended());
        if self.ended.is_none() && self.expanded && !unfinished {
            self.ended = Some(JobState::Done);
        }
    }

    fn end(&mut self, state: JobState) {
        self.ended = Some(state);
        for task in self.tasks.iter_mut().filter(|task| !task.state.is_ended()) {
            task.state = TaskState::Cancelled;
        }
    }

    /// The task of an attempt, if that is still the current one.
    fn current(&mut self, seq: u64, attempt: u32) -> Option<&mut Photo> {
        let task = self.tasks.get_mut(seq as usize)?;
        (task.state == TaskState::Dispatched && task.attempt == attempt).then_some(task)
    }

    async fn agrees(&self, ledger: &Opened) {
        let job = ledger.job(self.id).await.unwrap();
        let job = audited(ledger, &job).await;
        assert_eq!(
            (job.state, job.expanded, job.cursor),
            (self.state(), self.expanded, self.cursor())
        );
        let recorded = ledger.tasks(self.id, None, 0, usize::MAX).await.unwrap();
        let recorded: Vec<_> = recorded.iter().map(|task| (task.state, task.attempt)).collect();
        let modelled: Vec<_> = self.tasks.iter().map(|task| (task.state, task.attempt)).collect();
        assert_eq!(recorded, modelled, "tasks of {}", self.id);
    }
}

struct Life {
    rng: SmallRng,
    jobs: Vec<Model>,
    gone: Vec<Option<JobState>>,
    now: Millis,
}

impl Life {
    async fn step(&mut self, ledger: &Opened) {
        let nth = self.rng.random_range(0..self.jobs.len());
        match self.rng.random_range(0..100) {
            0..15 => self.expand(ledger, nth).await,
            15..45 => self.dispatch(ledger, nth).await,
            45..80 => self.report(ledger).await,
            80..86 => self.undispatch(ledger, nth).await,
            86..90 => self.reclaim(ledger).await,
            90..94 => self.pause(ledger, nth).await,
            94..98 => self.resume(ledger, nth).await,
            98 => self.end(ledger, nth, JobState::Cancelled).await,
            _ => self.end(ledger, nth, JobState::Failed).await,
        }
    }

    async fn expand(&mut self, ledger: &Opened, nth: usize) {
        let model = &mut self.jobs[nth];
        let page = photos(model.tasks.len(), self.rng.random_range(0..12));
        let last = self.rng.random_bool(0.2);
        let next = (!last).then(|| format!("page {}", model.pages + 1));
        let stale = self.rng.random_bool(0.1);
        let expected = if stale {
            Some("page of nowhere".to_owned())
        } else {
            model.cursor()
        };
        let answer = ledger
            .expand(
                ledger.token,
                model.id,
                expected.as_deref(),
                &page,
                next.as_deref(),
                self.now,
            )
            .await;
        match (model.expanded || stale, model.ended) {
            (true, _) => assert_eq!(answer, Err(LedgerError::Conflict { id: model.id })),
            (false, Some(from)) => {
                assert_eq!(
                    answer,
                    Err(LedgerError::Illegal {
                        id: model.id,
                        from,
                        to: JobState::Running
                    })
                );
            }
            (false, None) => {
                let photo = Photo {
                    state: TaskState::Pending,
                    attempt: 0,
                    at: -1,
                };
                model.tasks.extend(std::iter::repeat_n(photo, page.len()));
                model.pages += 1;
                model.expanded = last;
                model.end_if_over();
                assert_eq!(answer.unwrap().state, model.state());
            }
        }
    }

    async fn dispatch(&mut self, ledger: &Opened, nth: usize) {
        let model = &mut self.jobs[nth];
        let limit = self.rng.random_range(0..10);
        let mut due: Vec<u64> = (0..model.tasks.len() as u64).collect();
        due.retain(|&seq| {
            let task = model.tasks[seq as usize];
            task.state == TaskState::Pending && task.at <= self.now && model.state().dispatches()
        });
        // Those that wait for their time go before those whose turn never came.
        due.sort_by_key(|&seq| {
            let at = model.tasks[seq as usize].at;
            (at < 0, at, seq)
        });
        due.truncate(limit);
        due.sort_unstable();
        let dispatched = ledger.dispatch(ledger.token, model.id, limit, self.now).await.unwrap();
        assert_eq!(numbers(&dispatched), due);
        for task in dispatched {
            let photo = &mut model.tasks[task.seq as usize];
            *photo = Photo {
                state: TaskState::Dispatched,
                attempt: photo.attempt + 1,
                at: self.now,
            };
            assert_eq!(task.attempt, photo.attempt);
        }
    }

    /// A batch about all jobs, in which some attempts are old, unknown or told twice.
    async fn report(&mut self, ledger: &Opened) {
        let mut batch = Vec::new();
        for _ in 0..self.rng.random_range(0..15) {
            let nth = self.rng.random_range(0..self.jobs.len());
            let model = &self.jobs[nth];
            let seq = self.rng.random_range(0..=model.tasks.len());
            let attempt = model.tasks.get(seq).map_or(1, |task| task.attempt);
            let attempt = if self.rng.random_bool(0.9) {
                attempt
            } else {
                attempt.saturating_sub(1)
            };
            let outcome = match self.rng.random_range(0..10) {
                0..5 => Outcome::Done,
                5..7 => Outcome::Skipped,
                7 => Outcome::Returned {
                    at: self.now + self.rng.random_range(0..200),
                },
                8 => retry(self.now + self.rng.random_range(0..200)),
                _ => failed(),
            };
            batch.push(Report {
                job_id: model.id,
                seq: seq as u64,
                attempt,
                outcome,
            });
        }
        let answered = ledger.report(&batch, self.now).await.unwrap();
        let mut changed = Vec::new();
        for Report {
            job_id,
            seq,
            attempt,
            outcome,
        } in batch
        {
            let model = self.jobs.iter_mut().find(|model| model.id == job_id).unwrap();
            let Some(task) = model.current(seq, attempt) else {
                continue;
            };
            if matches!(outcome, Outcome::Returned { .. }) {
                task.attempt -= 1;
            }
            (task.state, task.at) = match outcome {
                Outcome::Done => (TaskState::Done, self.now),
                Outcome::Skipped => (TaskState::Skipped, self.now),
                Outcome::Retry { at, .. } | Outcome::Returned { at } => (TaskState::Pending, at),
                Outcome::Failed { .. } => (TaskState::Failed, self.now),
            };
            model.end_if_over();
            changed.push(job_id);
        }
        changed.sort_unstable();
        changed.dedup();
        assert_eq!(answered.iter().map(|job| job.id).collect::<Vec<_>>(), changed);
        for job in answered {
            let model = self.jobs.iter().find(|model| model.id == job.id).unwrap();
            assert_eq!(job.state, model.state());
        }
    }

    async fn undispatch(&mut self, ledger: &Opened, nth: usize) {
        let model = &mut self.jobs[nth];
        let mut taken_back = Vec::new();
        for (seq, task) in model.tasks.iter().enumerate() {
            if self.rng.random_bool(0.1) {
                taken_back.push((seq as u64, task.attempt));
            }
        }
        ledger.undispatch(ledger.token, model.id, &taken_back).await.unwrap();
        for (seq, attempt) in taken_back {
            if let Some(task) = model.current(seq, attempt) {
                *task = Photo {
                    state: TaskState::Pending,
                    attempt: attempt - 1,
                    at: 0,
                };
            }
        }
    }

    async fn reclaim(&mut self, ledger: &Opened) {
        let before = self.now - self.rng.random_range(0..300);
        let mut reclaimed = ledger
            .reclaim(ledger.token, before, usize::MAX, self.now)
            .await
            .unwrap();
        reclaimed.sort_by_key(|task| (task.job_id, task.seq));
        let mut lost = Vec::new();
        for model in &mut self.jobs {
            for (seq, task) in model.tasks.iter_mut().enumerate() {
                if task.state == TaskState::Dispatched && task.at < before {
                    (task.state, task.at) = (TaskState::Pending, self.now);
                    lost.push((model.id, seq as u64));
                }
            }
        }
        lost.sort_unstable();
        assert_eq!(
            reclaimed.iter().map(|task| (task.job_id, task.seq)).collect::<Vec<_>>(),
            lost
        );
    }

    async fn pause(&mut self, ledger: &Opened, nth: usize) {
        let model = &mut self.jobs[nth];
        let answer = ledger.pause(model.id, "").await;
        match model.ended {
            Some(from) => {
                assert_eq!(
                    answer,
                    Err(LedgerError::Illegal {
                        id: model.id,
                        from,
                        to: JobState::Paused
                    })
                );
            }
            None => {
                model.paused = true;
                assert_eq!(answer.unwrap().state, JobState::Paused);
            }
        }
    }

    async fn resume(&mut self, ledger: &Opened, nth: usize) {
        let model = &mut self.jobs[nth];
        let answer = ledger.resume(model.id).await;
        match model.ended {
            Some(from) => {
                let to = if model.expanded {
                    JobState::Running
                } else {
                    JobState::Expanding
                };
                assert_eq!(answer, Err(LedgerError::Illegal { id: model.id, from, to }));
            }
            None => {
                model.paused = false;
                assert_eq!(answer.unwrap().state, model.state());
            }
        }
    }

    async fn end(&mut self, ledger: &Opened, nth: usize, to: JobState) {
        let model = &mut self.jobs[nth];
        let from = model.state();
        let answer = match to {
            JobState::Failed => ledger.fail(ledger.token, model.id, &gone(), self.now).await,
            _ => ledger.cancel(model.id, "", self.now).await,
        };
        let refused = (from.is_ended() && from != to) || (to == JobState::Failed && model.expanded && from != to);
        match refused {
            true => assert_eq!(answer, Err(LedgerError::Illegal { id: model.id, from, to })),
            false => {
                model.end(to);
                assert_eq!(answer.unwrap().state, to);
            }
        }
    }

    /// Now and then a job that has ended makes room for another.
    async fn retire(&mut self, ledger: &Opened) {
        while let Some(nth) = self.jobs.iter().position(|model| model.ended.is_some()) {
            if self.rng.random_bool(0.9) {
                return;
            }
            let model = self.jobs.remove(nth);
            model.agrees(ledger).await;
            self.gone.push(model.ended);
        }
    }
}
