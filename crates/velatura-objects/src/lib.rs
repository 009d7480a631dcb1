#![doc = include_str!("../README.md")]

mod config;
mod error;
mod faulty;
mod key;
mod limited;
mod local;
mod location;
mod probe;
mod s3;
mod store;
mod stores;

pub use config::{Compat, ObjectsConfig, S3Config, Secret};
pub use error::ObjectError;
pub use faulty::{Effect, Faulty, Operation};
pub use limited::Limited;
pub use local::LocalFolder;
pub use location::Location;
pub use probe::{ProbeError, probe, probe_reading};
pub use s3::{S3Bucket, S3Connection};
pub use store::{Object, ObjectMeta, ObjectStore, Page, PutOptions};
pub use stores::Stores;
