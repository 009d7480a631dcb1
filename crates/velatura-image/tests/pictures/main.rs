//! What the crate promises, one claim a test.

mod colors;
mod depths;
mod metadata;
mod mutations;
mod orientations;
mod planes;
mod refusals;
mod round_trips;
mod support;
