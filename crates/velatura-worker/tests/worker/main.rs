//! A worker under test, from the outside: the shipped pack, real folders, the in-process broker; one file a concern.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bounds;
mod companions;
mod delivering;
mod draining;
mod outages;
mod painting;
mod post;
mod probes;
mod refusals;
mod repainting;
mod studio;
mod versions;
