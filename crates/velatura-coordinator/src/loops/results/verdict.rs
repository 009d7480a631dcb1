use velatura_ledger::{Millis, Outcome, Report, tries};
use velatura_proto::v1;
use velatura_proto::v1::task_report::Outcome as Said;

use crate::CoordinatorConfig;
use crate::backoff::ErrorClass;
use crate::context::millis;

/// How long a task waits that a worker gave back untried: by then every worker has heard whether its job goes on.
const RETURNED_FOR: Millis = 1000;

/// What a worker's report means for its task: the one place that decides about another attempt. `random` is drawn
/// evenly from 0 to 1. The error says why it is no report.
pub(crate) fn report(
    report: &v1::TaskReport,
    config: &CoordinatorConfig,
    now: Millis,
    random: f64,
) -> Result<Report, String> {
    let job_id = report
        .job_id
        .parse()
        .map_err(|error| format!("its job_id is no UUID: {error}"))?;
    let (code, message) = (report.code.clone(), report.message.clone());
    let said = Said::try_from(report.outcome).unwrap_or(Said::Unspecified);
    let outcome = match said {
        Said::Done => Outcome::Done,
        Said::Skipped => Outcome::Skipped,
        Said::Failed => Outcome::Failed { code, message },
        Said::Retry if tries(report.attempt) >= config.max_attempts => Outcome::Failed { code, message },
        Said::Retry => {
            let backoff = config.retry().for_class(ErrorClass::of(&code));
            let at = now.saturating_add(millis(backoff.delay(tries(report.attempt), random)));
            Outcome::Retry { at, code, message }
        }
        Said::Returned => Outcome::Returned {
            at: now.saturating_add(RETURNED_FOR),
        },
        Said::Unspecified => return Err("it says no outcome".to_owned()),
    };
    Ok(Report {
        job_id,
        seq: report.seq,
        attempt: report.attempt,
        outcome,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(outcome: Said, attempt: u32) -> v1::TaskReport {
        v1::TaskReport {
            job_id: uuid::Uuid::nil().to_string(),
            outcome: outcome.into(),
            attempt,
            code: "storage-unavailable".into(),
            message: "the bucket is away".into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_retry_waits_longer_each_time_until_the_last_attempt() {
        let config = CoordinatorConfig::default();
        let decide = |attempt| report(&said(Said::Retry, attempt), &config, 1000, 1.0).unwrap().outcome;
        let waits: Vec<Millis> = (1..5)
            .map(|attempt| match decide(attempt) {
                Outcome::Retry { at, .. } => at - 1000,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(waits, [2_000, 4_000, 8_000, 16_000]);
        assert!(matches!(decide(5), Outcome::Failed { code, .. } if code == "storage-unavailable"));
    }

    #[test]
    fn a_report_that_says_nothing_is_none() {
        let config = CoordinatorConfig::default();
        assert!(report(&said(Said::Unspecified, 1), &config, 0, 0.5).is_err());
        let nameless = v1::TaskReport {
            job_id: "seven".into(),
            ..said(Said::Done, 1)
        };
        assert!(report(&nameless, &config, 0, 0.5).is_err());
    }
}
