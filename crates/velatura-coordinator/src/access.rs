//! Who asks, and what they may: the one place that decides about access.

pub(crate) mod audit;
mod caller;
mod reach;
mod role;

pub(crate) use caller::Caller;
pub(crate) use reach::Reach;
pub(crate) use role::Role;
