//! A coordinator under test, from the outside: one file a concern.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bench;
mod events;
mod leading;
mod lifecycle;
mod outages;
mod submission;
mod window;
