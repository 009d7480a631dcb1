//! Generates messages, services and their proto3 JSON from `proto/`, without `protoc`.

use std::error::Error;
use std::path::PathBuf;

use prost::Message as _;

const FILES: &[&str] = &[
    "velatura/v1/recipe.proto",
    "velatura/v1/source.proto",
    "velatura/v1/dry_run.proto",
    "velatura/v1/task.proto",
    "velatura/v1/jobs.proto",
    "velatura/v1/control.proto",
    "velatura/v1/dead.proto",
    "velatura/v1/paint.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    let descriptors = protox::compile(FILES, [&root])?;
    let encoded = descriptors.encode_to_vec();
    tonic_prost_build::configure()
        .build_transport(true)
        .compile_fds(descriptors)?;
    pbjson_build::Builder::new()
        .register_descriptors(&encoded)?
        .preserve_proto_field_names()
        .build(&[".velatura.v1"])?;
    Ok(())
}
