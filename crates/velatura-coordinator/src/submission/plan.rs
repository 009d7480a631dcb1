use velatura_proto::v1;

use super::Refusal;

/// The most photos that are painted before the others.
const MOST_SAMPLES: u32 = 100;
/// A century.
const MOST_DAYS: u32 = 36_500;

/// How a job goes on, and how long it is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) samples: u32,
    pub(crate) waits_for_approval: bool,
    /// Days; 0 is for ever, `None` is as configured.
    pub(crate) retention_days: Option<u32>,
}

impl Plan {
    pub(super) fn read(request: &v1::SubmitJobRequest) -> Result<Self, Refusal> {
        let samples = request.samples;
        if samples > MOST_SAMPLES {
            let message = format!("{samples} samples are wanted, but at most {MOST_SAMPLES} are drawn");
            return Err(Refusal::new("samples-too-many", "samples", message));
        }
        if request.wait_for_approval && samples == 0 {
            let message = "there is nothing to approve without samples: say how many, such as samples = 5";
            return Err(Refusal::new("approval-without-samples", "wait_for_approval", message));
        }
        if let Some(days) = request.retention_days.filter(|days| *days > MOST_DAYS) {
            let message = format!("{days} days are more than a century: 0 keeps tasks for ever");
            return Err(Refusal::new("retention-too-long", "retention_days", message));
        }
        Ok(Self {
            samples,
            waits_for_approval: request.wait_for_approval,
            retention_days: request.retention_days,
        })
    }
}
