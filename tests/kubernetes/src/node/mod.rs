//! A node agent for tests: each Pod that the scheduler gives to one of its nodes becomes a process of this machine.
//!
//! As a kubelet does, it gives the Pod its environment and files from ConfigMaps and Secrets, runs what goes before it,
//! asks its probes, restarts what ends, and, told to stop it, waits for `preStop`, sends SIGTERM, waits out its grace and
//! sends SIGKILL. A node can vanish with its Pods. What it does not do: limits of processor and memory, several
//! containers, images (there is one, made of this repository).

mod environment;
mod image;
mod life;
mod nodes;
mod pod;
mod probes;
mod sandbox;
mod status;
mod volumes;

pub use image::Image;
pub use nodes::Agent;
