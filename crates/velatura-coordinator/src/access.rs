//! Who asks, and what they may: the one place that decides about access.

mod admin;
pub(crate) mod audit;
mod caller;
mod host;
mod keyring;
mod reach;
mod role;
mod token;

pub(crate) use admin::Admin;
pub(crate) use caller::Caller;
pub use host::{Host, HostError};
pub(crate) use keyring::Keyring;
pub(crate) use reach::Reach;
pub(crate) use role::Role;
