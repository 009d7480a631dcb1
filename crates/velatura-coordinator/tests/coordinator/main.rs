//! A coordinator under test, from the outside: one file a concern.

mod bench;
mod events;
mod lifecycle;
mod outages;
mod submission;
mod window;
