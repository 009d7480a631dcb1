//! The conformance suite: what every ledger promises, written once.
#![allow(unreachable_pub, reason = "a test program exports nothing")]

use std::any::Any;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use velatura_ledger::{
    Counters, Job, Ledger, Millis, NewJob, NewTask, Outcome, Refusal, Report, Task, TaskState, Token,
};

pub mod access;
pub mod archive;
pub mod concurrency;
pub mod dead;
pub mod dispatching;
pub mod ending;
pub mod expansion;
pub mod interleaving;
pub mod leading;
pub mod listing;
pub mod opening;
pub mod outbox;
pub mod quotas;
pub mod random;
pub mod reopening;
pub mod reporting;
pub mod samples;
pub mod steering;
pub mod submission;
pub mod terms;

/// When tests happen.
pub const NOW: Millis = 1_800_000_000_000;

/// Longer than any test.
pub const HOUR: Duration = Duration::from_secs(3600);

/// A ledger under one leader, and what it needs to live.
pub struct Opened {
    pub ledger: Arc<dyn Ledger>,
    /// The leader's.
    pub token: Token,
    pub _keeps: Box<dyn Any + Send + Sync>,
}

impl Opened {
    /// A ledger that the test leads.
    pub async fn led(ledger: Arc<dyn Ledger>, keeps: impl Any + Send + Sync) -> Self {
        Self {
            token: ledger.lead("tests", HOUR).await.unwrap().unwrap(),
            ledger,
            _keeps: Box::new(keeps),
        }
    }
}

impl Deref for Opened {
    type Target = dyn Ledger;

    fn deref(&self) -> &Self::Target {
        &*self.ledger
    }
}

/// One test a claim, on the ledger that `$open` opens.
macro_rules! conformance {
    ($open:path) => {
        crate::suite::claims! { $open:
            leading {
                one_leads_and_the_others_wait
                a_lease_that_is_not_renewed_is_taken_over
                who_resigns_is_followed_at_once
                the_same_name_gets_a_new_lease_at_once
                an_earlier_leader_changes_nothing
                of_many_who_ask_one_leads
            }
            submission {
                a_job_is_recorded_as_it_was_submitted
                the_same_submission_under_the_same_key_is_the_same_job
                another_submission_under_the_same_key_is_refused
                keys_belong_to_their_tenant
                without_a_key_every_submission_is_a_job
                two_submissions_at_once_under_one_key_are_one_job
            }
            expansion {
                pages_follow_each_other_by_cursor
                a_second_writer_of_a_page_changes_nothing
                a_second_writer_of_the_last_page_changes_nothing
                work_begins_before_the_last_page
                a_job_without_photos_is_done
                a_last_page_after_all_tasks_ended_ends_the_job
                a_page_of_ten_thousand_is_one_call
                keys_of_every_sign_and_script_come_back_from_pages_of_any_length
                a_long_page_of_an_earlier_leader_leaves_nothing
                a_job_that_is_not_there_is_not_found
                what_a_manifest_says_of_a_photo_comes_with_its_task
                a_refused_task_has_failed_and_is_never_dispatched
                of_two_photos_with_one_output_the_page_is_not_recorded
                claims_are_given_back_once_the_job_is_expanded
            }
            samples {
                samples_are_drawn_evenly
                before_its_samples_a_job_dispatches_nothing_else
                after_its_samples_a_job_goes_on
                a_job_may_wait_for_approval_of_its_samples
                a_job_smaller_than_its_samples_is_done_with_them
            }
            archive {
                an_ended_job_is_unreported_until_it_is_reported
                a_report_that_fails_says_why
                parts_of_a_report_are_recorded_once
                reported_jobs_are_purged_after_their_time_in_slices
                a_job_is_kept_for_ever_where_it_says_so
            }
            dispatching {
                due_tasks_go_out_in_order_up_to_the_limit
                a_task_goes_out_once
                only_running_and_expanding_jobs_are_dispatched
                a_dispatch_taken_back_is_not_an_attempt
                taking_back_an_old_attempt_changes_nothing
                a_lost_attempt_is_reclaimed_and_its_late_report_ignored
                only_what_was_dispatched_before_is_reclaimed
            }
            reporting {
                every_outcome_is_recorded
                a_repeated_report_counts_once
                of_two_reports_of_an_attempt_in_a_batch_the_first_counts
                a_report_of_an_old_attempt_changes_nothing
                a_retry_waits_for_its_time_and_remembers_why
                a_batch_may_be_about_several_jobs
                reports_of_unknown_jobs_and_tasks_are_ignored
                the_last_report_ends_the_job
                texts_that_postgresql_cannot_hold_are_recorded
                ten_thousand_attempts_are_reported_in_one_call
            }
            ending {
                a_cancelled_job_has_no_unfinished_task
                cancelling_twice_changes_nothing
                a_job_can_be_cancelled_while_it_expands_and_while_it_is_paused
                what_has_ended_cannot_be_cancelled
                a_report_after_the_cancellation_changes_nothing
                a_large_job_is_cancelled_in_slices
                until_its_slice_comes_a_task_is_recorded_as_what_it_became
                a_job_that_cannot_be_expanded_fails_and_its_tasks_are_cancelled
                a_job_that_is_expanded_cannot_fail
            }
            steering {
                a_paused_job_is_not_dispatched_until_it_is_resumed
                a_job_paused_while_expanding_goes_on_expanding
                pages_are_recorded_while_paused
                the_tasks_under_way_end_a_paused_job
                repeated_pauses_and_resumes_change_nothing
                what_has_ended_is_neither_paused_nor_resumed
            }
            access {
                the_default_tenant_is_always_there
                a_tenant_is_recorded_and_changed
                a_key_is_recorded_whole
                a_key_of_an_unknown_tenant_is_refused
                a_key_is_revoked_once
                the_last_use_never_goes_back
            }
            terms {
                terms_are_recorded_and_changed
                a_job_may_come_with_all_its_tasks
                errors_are_counted_by_code
                tasks_are_found_by_state_code_and_prefix
                whose_tasks_must_not_be_begun_is_known
            }
            reopening {
                failed_tasks_are_tried_anew_all_or_by_code
                with_nothing_to_try_anew_nothing_changes
                what_was_refused_before_it_was_tried_stays_refused
                the_limit_of_attempts_counts_anew_and_old_reports_change_nothing
                a_large_job_is_taken_up_in_slices_and_is_not_done_before_the_last
                an_added_recipe_takes_up_what_was_painted_and_what_is_under_way
                a_revision_that_was_overtaken_changes_nothing
                cancelled_jobs_take_nothing_up
            }
            dead {
                dead_letters_are_kept_newest_first_by_cursor
                a_dead_letter_that_comes_again_is_kept_once
            }
            quotas {
                a_tenant_has_at_most_so_many_open_jobs
                of_many_submissions_at_once_as_many_as_allowed_succeed
                a_tenant_submits_so_often_within_a_minute
                a_repeated_submission_costs_nothing
                a_job_has_at_most_so_many_tasks
                one_tenant_s_limits_are_not_another_s
            }
            outbox {
                a_job_that_is_paused_or_ends_is_news
                what_changes_nothing_is_no_news
                each_address_of_the_tenant_is_told
                news_are_taken_once_and_again_when_their_time_is_up
                what_failed_comes_again_until_it_is_taken
                an_address_that_is_gone_is_told_nothing_more
                two_takers_never_take_the_same_news
            }
            listing {
                jobs_are_listed_newest_first_by_cursor
                a_tenant_s_jobs_are_listed_alone
                jobs_are_found_by_state_oldest_first
                tasks_are_listed_by_number_and_state
                the_backlog_is_what_waits
                the_ledger_says_that_it_can_be_used
            }
            concurrency {
                two_dispatchers_never_take_the_same_task
                reporters_of_the_same_jobs_lose_nothing
                of_many_writers_of_a_page_one_succeeds
            }
        }
    };
}
pub(crate) use conformance;

/// Makes a test of each claim.
macro_rules! claims {
    ($open:path: $($topic:ident { $($claim:ident)* })*) => {$(
        mod $topic {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $claim() {
                    let ledger = $open().await;
                    crate::suite::$topic::$claim(&ledger).await;
                }
            )*
        }
    )*};
}
pub(crate) use claims;

/// A submission.
pub fn submission(key: Option<&str>, request: &str) -> NewJob {
    NewJob {
        tenant: "default".to_owned(),
        idempotency_key: key.map(str::to_owned),
        request_hash: format!("hash of {request}"),
        request: request.to_owned(),
        photos: None,
        now: NOW,
        ..NewJob::default()
    }
}

/// A job that is still expanding.
pub async fn submitted(ledger: &Opened) -> Job {
    ledger.submit(submission(None, "{}")).await.unwrap()
}

/// So many photos, numbered on from `first`.
pub fn photos(first: usize, count: usize) -> Vec<NewTask> {
    let photo = |n| NewTask::photo(format!("s3://photos/{n}.jpg"), format!("{n}.jpg"));
    (first..first + count).map(photo).collect()
}

/// A job with so many tasks, all of them pending.
pub async fn job_of(ledger: &Opened, tasks: usize) -> Job {
    let job = submitted(ledger).await;
    ledger
        .expand(ledger.token, job.id, None, &photos(0, tasks), None, NOW)
        .await
        .unwrap()
}

/// The report of an attempt.
pub fn report(task: &Task, outcome: Outcome) -> Report {
    Report {
        job_id: task.job_id,
        seq: task.seq,
        attempt: task.attempt,
        outcome,
    }
}

/// The same report of each of these attempts.
pub fn reports(tasks: &[Task], outcome: &Outcome) -> Vec<Report> {
    tasks.iter().map(|task| report(task, outcome.clone())).collect()
}

/// A retry at a time.
pub fn retry(at: Millis) -> Outcome {
    Outcome::Retry {
        at,
        code: "object-timeout".to_owned(),
        message: "The object did not come in time.".to_owned(),
    }
}

/// A failure for good.
pub fn failed() -> Outcome {
    Outcome::Failed {
        code: "image-truncated".to_owned(),
        message: "The photo ends too early.".to_owned(),
    }
}

/// Why a job can't be expanded.
pub fn gone() -> Refusal {
    Refusal {
        code: "bucket-not-found".to_owned(),
        message: "its photos can't be listed: the bucket is gone".to_owned(),
    }
}

/// The job as it is, after a look that its counters are what a count of its tasks gives.
pub async fn audited(ledger: &Opened, job: &Job) -> Job {
    let job = ledger.job(job.id).await.unwrap();
    let mut counted = Counters::default();
    for task in ledger.tasks(job.id, None, 0, usize::MAX).await.unwrap() {
        match task.state {
            TaskState::Pending => counted.pending += 1,
            TaskState::Dispatched => counted.dispatched += 1,
            TaskState::Done => counted.done += 1,
            TaskState::Skipped => counted.skipped += 1,
            TaskState::Failed => counted.failed += 1,
            TaskState::Cancelled => counted.cancelled += 1,
        }
    }
    assert_eq!(job.counters, counted, "the counters of {job:?}");
    let failed: u64 = ledger
        .errors(job.id)
        .await
        .unwrap()
        .iter()
        .map(|error| error.failed)
        .sum();
    assert_eq!(failed, counted.failed, "the errors by code of {job:?}");
    job
}

/// The tasks' numbers.
pub fn numbers(tasks: &[Task]) -> Vec<u64> {
    tasks.iter().map(|task| task.seq).collect()
}
