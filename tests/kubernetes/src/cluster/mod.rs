//! A control plane with KEDA on this machine, in namespaces of its own.

mod api;
mod certificates;
mod control_plane;
pub mod keda;
pub mod network;
pub mod proxy;

pub use api::{Api, Event};
pub use control_plane::ControlPlane;
