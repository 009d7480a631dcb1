//! What every store promises, and what each of them promises beyond that. One binary: the S3 client takes long to link.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, helpers and tasks included"
)]

mod conformance;
mod decorators;
mod local_folder;
mod location;
mod places;
mod s3;
mod scripted;
mod stores;
mod tls;
