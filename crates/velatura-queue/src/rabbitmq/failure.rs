//! What lapin's errors mean to a caller.

use lapin::{Error, ErrorKind};

use crate::address::BrokerUrl;
use crate::{QueueError, QueueName};

// Reply codes of AMQP 0-9-1.
const CONTENT_TOO_LARGE: u16 = 311;
const ACCESS_REFUSED: u16 = 403;
const NOT_FOUND: u16 = 404;
const PRECONDITION_FAILED: u16 = 406;
const NOT_ALLOWED: u16 = 530;

/// A connection that can't be made.
pub(super) fn connecting(error: &Error, url: &BrokerUrl) -> QueueError {
    match refusal(error) {
        Some((ACCESS_REFUSED, _)) => QueueError::Denied {
            reason: format!(
                "{url} does not know the user {:?} with this password: correct either in urls",
                url.user()
            ),
        },
        Some((NOT_ALLOWED, words)) => QueueError::Denied {
            reason: format!(
                "{url} answers {words:?}: create the vhost (rabbitmqctl add_vhost) or give the user access to it \
                 (rabbitmqctl set_permissions)"
            ),
        },
        Some((_, words)) => QueueError::Unavailable {
            reason: format!("{url} answers {words:?}"),
        },
        None if is_certificate(error) => QueueError::Denied {
            reason: format!(
                "{url} shows a certificate that is not trusted ({}): name the file of its CA in ca_file",
                bare(error)
            ),
        },
        None => QueueError::Unavailable {
            reason: format!("{url} can't be reached ({}): is RabbitMQ running there?", bare(error)),
        },
    }
}

/// A connection or channel that ended while in use.
pub(super) fn lost(error: &Error) -> QueueError {
    QueueError::Unavailable {
        reason: format!("the connection was lost ({})", bare(error)),
    }
}

/// Declaring, asking about or subscribing to a queue.
pub(super) fn on_queue(error: &Error, queue: &QueueName) -> QueueError {
    match refusal(error) {
        Some((PRECONDITION_FAILED, words)) => QueueError::Mismatch {
            queue: queue.clone(),
            reason: words,
        },
        Some((NOT_FOUND, _)) => QueueError::Missing { queue: queue.clone() },
        Some((ACCESS_REFUSED, words)) => denied(&words),
        Some(_) | None => lost(error),
    }
}

/// Publishing.
pub(super) fn on_publish(error: &Error, queue: &QueueName) -> QueueError {
    match refusal(error) {
        // The exchange is missing, and with it all that was bound to it.
        Some((NOT_FOUND, _)) => QueueError::Returned { queue: queue.clone() },
        Some((ACCESS_REFUSED | PRECONDITION_FAILED | CONTENT_TOO_LARGE, words)) => denied(&words),
        Some(_) | None => lost(error),
    }
}

fn denied(words: &str) -> QueueError {
    QueueError::Denied {
        reason: format!("it answers {words:?}: the user needs to configure, write and read velatura.*"),
    }
}

/// The broker's reply code and words, if it was the broker who refused.
fn refusal(error: &Error) -> Option<(u16, String)> {
    match error.kind() {
        ErrorKind::ProtocolError(refusal) => Some((refusal.get_id(), refusal.get_message().to_string())),
        _ => None,
    }
}

/// Whether it is about who the broker is, by the words of rustls, which the layers between hand on as text.
fn is_certificate(error: &Error) -> bool {
    bare(error).contains("invalid peer certificate")
}

/// The cause without the prefix of the library.
fn bare(error: &Error) -> String {
    match error.kind() {
        ErrorKind::IOError(cause) => cause.to_string(),
        _ => error.to_string(),
    }
}
