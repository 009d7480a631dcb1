use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::v1;

/// The version of the messages that travel through the queue.
pub const MESSAGE_VERSION: u32 = 1;

/// A message that says its version.
pub trait Versioned {
    /// The version its sender wrote.
    fn version(&self) -> u32;
}

impl Versioned for v1::Task {
    fn version(&self) -> u32 {
        self.version
    }
}

impl Versioned for v1::TaskReport {
    fn version(&self) -> u32 {
        self.version
    }
}

impl Versioned for v1::Control {
    fn version(&self) -> u32 {
        self.version
    }
}

/// Why bytes from the queue are no message of ours. Such a message is never requeued: it will not get better.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// No JSON, or not this message's.
    #[error("this message can't be read: {0}")]
    Syntax(#[from] serde_json::Error),
    /// From another time.
    #[error(
        "this message has version {0}, but this program reads version {MESSAGE_VERSION}: roll workers and coordinator together"
    )]
    Version(u32),
}

/// A message as proto3 JSON.
pub fn to_json<M: Serialize>(message: &M) -> Vec<u8> {
    serde_json::to_vec(message).expect("a generated message holds nothing that JSON can't")
}

/// Reads a message of this version from proto3 JSON.
pub fn from_json<M: DeserializeOwned + Versioned>(bytes: &[u8]) -> Result<M, MessageError> {
    let message: M = serde_json::from_slice(bytes)?;
    match message.version() {
        MESSAGE_VERSION => Ok(message),
        other => Err(MessageError::Version(other)),
    }
}
