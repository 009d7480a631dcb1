use velatura_ledger::{NewTerms, Terms};
use velatura_proto::v1;

use super::Refusal;

/// Under which terms a job asks for places of the window.
pub(crate) fn read(request: &v1::SubmitJobRequest) -> Result<Terms, Refusal> {
    let share = match request.share {
        0.0 => 1.0,
        share => share,
    };
    Ok(Terms {
        share: check_share(share)?,
        priority: check_priority(request.priority)?,
        max_running: limit(request.max_running),
        interactive: request.interactive,
    })
}

/// What of a running job's terms is to change.
pub(crate) fn read_changes(request: &v1::UpdateJobRequest) -> Result<NewTerms, Refusal> {
    let new = NewTerms {
        share: request.share.map(check_share).transpose()?,
        priority: request.priority.map(check_priority).transpose()?,
        max_running: request.max_running.map(limit),
    };
    if new == NewTerms::default() {
        let message = "say what is to change: priority, share or max_running";
        return Err(Refusal::new("update-empty", "priority", message));
    }
    Ok(new)
}

fn check_share(share: f64) -> Result<f64, Refusal> {
    match (0.01..=1000.0).contains(&share) {
        true => Ok(share),
        false => {
            let message = format!("share is {share}, but must be 0.01 to 1000: relative to the tenant's other jobs");
            Err(Refusal::new("share-invalid", "share", message))
        }
    }
}

fn check_priority(priority: i32) -> Result<i32, Refusal> {
    match (-100..=100).contains(&priority) {
        true => Ok(priority),
        false => {
            let message = format!("priority is {priority}, but must be -100 to 100");
            Err(Refusal::new("priority-invalid", "priority", message))
        }
    }
}

fn limit(most: u64) -> Option<u64> {
    (most > 0).then_some(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_has_its_default() {
        assert_eq!(read(&v1::SubmitJobRequest::default()), Ok(Terms::default()));
    }

    #[test]
    fn what_is_out_of_range_is_refused_by_name() {
        type Spoil = fn(&mut v1::SubmitJobRequest);
        let spoilt: [(&str, Spoil); 4] = [
            ("share-invalid", |r| r.share = -1.0),
            ("share-invalid", |r| r.share = f64::NAN),
            ("share-invalid", |r| r.share = 1001.0),
            ("priority-invalid", |r| r.priority = 101),
        ];
        for (code, spoil) in spoilt {
            let mut request = v1::SubmitJobRequest::default();
            spoil(&mut request);
            assert_eq!(read(&request).unwrap_err().code, code);
        }
    }

    #[test]
    fn a_change_of_nothing_is_refused_and_a_limit_can_be_taken_away() {
        let nothing = read_changes(&v1::UpdateJobRequest::default());
        assert_eq!(nothing.unwrap_err().code, "update-empty");
        let request = v1::UpdateJobRequest {
            max_running: Some(0),
            ..Default::default()
        };
        assert_eq!(read_changes(&request).unwrap().max_running, Some(None));
    }
}
