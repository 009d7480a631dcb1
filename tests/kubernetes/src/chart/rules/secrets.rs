//! Passwords stand in Secrets of the user's and nowhere else.

use super::Complaint;
use crate::chart::Objects;

/// No Secret of the chart's but the try-out's; no address with a password, and no key that holds one, in a file or a
/// variable.
pub(super) fn by_reference(objects: &Objects) -> Vec<Complaint> {
    let mut found: Vec<Complaint> = objects
        .of("Secret")
        .filter(|secret| secret.component() != "tryout")
        .map(|secret| format!("{} is the chart's own", secret.title()))
        .collect();
    for object in objects.0.iter().filter(|object| object.kind() != "Secret") {
        let text = object.0.to_string();
        let leaks = [
            "amqp://",
            "amqps://",
            "postgres://",
            "secret_access_key =",
            "password =",
            "api_key =",
        ];
        if let Some(leak) = leaks.iter().find(|leak| text.contains(**leak)) {
            found.push(format!("{} has {leak}…", object.title()));
        }
    }
    found
}
