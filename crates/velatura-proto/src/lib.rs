#![doc = include_str!("../README.md")]

mod message;
mod recipe;

pub use message::{MESSAGE_VERSION, MessageError, Versioned, from_json, to_json};

/// REST as an OpenAPI document, JSON.
pub const OPENAPI: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// Messages and services of `velatura.v1`.
#[allow(missing_docs, clippy::all, reason = "generated; documented in proto/")]
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/velatura.v1.rs"));
    include!(concat!(env!("OUT_DIR"), "/velatura.v1.serde.rs"));
}
