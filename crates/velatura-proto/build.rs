//! Generates messages, services, their proto3 JSON and the OpenAPI document from `proto/`, without `protoc`.

#[path = "build/bodies.rs"]
mod bodies;
#[path = "build/openapi.rs"]
mod openapi;

use std::env;
use std::error::Error;
use std::path::PathBuf;

use prost::Message as _;

const FILES: &[&str] = &[
    "velatura/v1/recipe.proto",
    "velatura/v1/source.proto",
    "velatura/v1/dry_run.proto",
    "velatura/v1/manifests.proto",
    "velatura/v1/task.proto",
    "velatura/v1/jobs.proto",
    "velatura/v1/control.proto",
    "velatura/v1/dead.proto",
    "velatura/v1/paint.proto",
    "velatura/v1/admin.proto",
    "velatura/v1/webhooks.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=build.rs");
    let descriptors = protox::compile(FILES, [&root])?;
    std::fs::write(
        PathBuf::from(env::var("OUT_DIR")?).join("openapi.json"),
        openapi::document(&descriptors),
    )?;
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
