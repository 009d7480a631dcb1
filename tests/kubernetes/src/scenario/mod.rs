//! A release's life on a cluster: installed, worked, upgraded, hit, and taken away without a trace.

mod accept;
mod claims;
mod life;
mod observe;
mod release;
mod requests;
mod run;
mod servers;

pub use run::{Options, run};
