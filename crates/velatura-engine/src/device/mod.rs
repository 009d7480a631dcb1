//! The device: one thread owns the sessions and runs what callers send it, in batches formed as late as possible.

mod batch;
mod choice;
mod handle;
pub(crate) mod ladder;
mod loaded;
mod opener;
mod provider;
mod run;
mod session;
mod shapes;
mod signature;
mod thread;
mod trial;
mod value;

pub use choice::{Device, Provider, UnknownDevice};
pub(crate) use handle::{Answer, CallError, DeviceHandle, Pending};
pub(crate) use run::{Run, RunError};
pub(crate) use session::Sessions;
pub(crate) use trial::trial;
pub(crate) use value::{Floats, Value};

#[cfg(test)]
mod tests;
