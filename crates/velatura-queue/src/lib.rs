#![doc = include_str!("../README.md")]

mod address;
mod backoff;
mod broker;
mod config;
mod consumer;
mod delivery;
mod error;
mod in_process;
mod listener;
mod name;
mod rabbitmq;

pub use address::{BrokerUrl, ManagementUrl};
pub use broker::{Broker, Depth, Message};
pub use config::QueueConfig;
pub use consumer::{Consumer, ConsumerState};
pub use delivery::Delivery;
pub use error::QueueError;
pub use in_process::InProcess;
pub use listener::{Heard, Listener};
pub use name::{Lane, Pool, QueueName};
pub use rabbitmq::{Compared, Comparison, Difference, Policies, Policy, RabbitMq};

use std::sync::Arc;

/// The broker of a configuration, connecting in the background: see [`RabbitMq::start`].
pub fn connect(config: &QueueConfig) -> Result<Arc<dyn Broker>, QueueError> {
    Ok(Arc::new(RabbitMq::start(config)?))
}
