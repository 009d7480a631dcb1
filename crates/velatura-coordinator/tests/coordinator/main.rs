//! A coordinator under test, from the outside: one file a concern.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod before;
mod bench;
mod dead_letters;
mod events;
mod fairness;
mod leading;
mod lifecycle;
mod listings;
mod manifests;
mod openapi;
mod outages;
mod paint;
mod reports;
mod shelf;
mod steering;
mod storage;
mod submission;
mod tls;
mod webhooks;
mod window;
