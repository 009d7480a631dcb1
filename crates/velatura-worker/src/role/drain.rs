use std::fmt;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// How a worker ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// What had begun was finished or given back in time.
    Drained,
    /// Time was up: so many attempts were broken off; they will be delivered again.
    BrokenOff {
        /// How many.
        attempts: usize,
    },
    /// The device can't be used any more: the process must end with an error and start anew.
    DeviceLost {
        /// What happened.
        reason: String,
    },
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drained => f.write_str("drained: everything begun is finished or given back"),
            Self::BrokenOff { attempts } => write!(f, "time was up: {attempts} attempts broken off and given back"),
            Self::DeviceLost { reason } => write!(f, "the device is lost: {reason}"),
        }
    }
}

/// Waits for what is under way, at most so long.
pub(super) async fn wait(mut attempts: JoinSet<()>, grace: Duration) -> Ending {
    let deadline = Instant::now() + grace;
    loop {
        match timeout_at(deadline, attempts.join_next()).await {
            Ok(Some(ended)) => super::attempt::check(ended),
            Ok(None) => return Ending::Drained,
            Err(_) => {
                let left = attempts.len();
                // Dropping an attempt drops its delivery, which gives it back.
                attempts.shutdown().await;
                return Ending::BrokenOff { attempts: left };
            }
        }
    }
}
