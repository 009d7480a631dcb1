//! One file a role: its options and its main.

pub(crate) mod coordinator;
pub(crate) mod dead_letters;
pub(crate) mod exporter;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod ledger;
pub(crate) mod packs;
pub(crate) mod paint;
pub(crate) mod policies;
pub(crate) mod sample_config;
pub(crate) mod styles;
pub(crate) mod stylize;
pub(crate) mod submit;
pub(crate) mod tenants;
pub(crate) mod up;
pub(crate) mod webhooks;
pub(crate) mod worker;
