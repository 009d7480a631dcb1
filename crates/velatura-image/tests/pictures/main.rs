//! What the crate promises, one claim a test.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod colors;
mod depths;
mod metadata;
mod mutations;
mod orientations;
mod planes;
mod refusals;
mod round_trips;
mod support;
