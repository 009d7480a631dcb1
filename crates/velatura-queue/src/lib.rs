#![doc = include_str!("../README.md")]

mod broker;
mod consumer;
mod delivery;
mod error;
mod in_process;
mod name;

pub use broker::{Broker, Depth, Message};
pub use consumer::{Consumer, ConsumerState};
pub use delivery::Delivery;
pub use error::QueueError;
pub use in_process::InProcess;
pub use name::{Lane, Pool, QueueName};
