//! What the other tasks need and a fresh machine lacks.

mod debian;
mod kubernetes;
mod linters;
mod onnxruntime;
mod script;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};

pub(crate) use debian::promtool;
pub(crate) use linters::linter;

/// Something to be there before work begins.
pub(crate) trait Need: Sync {
    /// What it is, with its version.
    fn name(&self) -> &'static str;
    /// Where it comes from, how much it is and how long it takes.
    fn cost(&self) -> &'static str;
    /// Whether it is there, whole.
    fn is_there(&self) -> bool;
    /// Brings it.
    fn bring(&self) -> Result<()>;
    /// Whether the tests go on without it, saying so.
    fn may_be_missing(&self) -> bool {
        false
    }
}

/// What the program itself needs.
pub(crate) const PROGRAM: [&dyn Need; 1] = [&onnxruntime::OnnxRuntime];

/// What the evaluation needs: the program, and the Python that judges.
pub(crate) const EVALUATION: [&dyn Need; 2] = [&onnxruntime::OnnxRuntime, &script::PYTHON];

/// What the tests need, too.
pub(crate) const ALL: [&dyn Need; 9] = [
    &onnxruntime::OnnxRuntime,
    &debian::SERVERS,
    &debian::Promtool,
    &linters::Linters,
    &script::PYTHON,
    &script::S3_SERVER,
    &script::RABBITMQ_4_0,
    &script::RABBITMQ_4_3,
    &kubernetes::CHART,
];

/// What the checks of `deploy/` need.
pub(crate) const DEPLOY: [&dyn Need; 2] = [&debian::Promtool, &linters::Linters];
/// What the chart is checked with.
pub(crate) const CHART: [&dyn Need; 1] = [&kubernetes::CHART];

/// What a cluster is made of, the chart's checks included.
pub(crate) const CLUSTER: [&dyn Need; 2] = [&kubernetes::CHART, &kubernetes::CLUSTER];

/// Whether nothing of it is missing.
pub(crate) fn is_there(needs: &[&dyn Need]) -> bool {
    needs.iter().all(|need| need.is_there())
}

/// Says what is missing, then brings it.
pub(crate) fn ensure(needs: &[&dyn Need]) -> Result<()> {
    let (there, missing): (Vec<&dyn Need>, Vec<_>) = needs.iter().partition(|need| need.is_there());
    let names = there.iter().map(|need| need.name()).collect::<Vec<_>>().join(", ");
    if missing.is_empty() {
        println!("Set-up: everything is there ({names}).");
        return Ok(());
    }
    println!(
        "Set-up: {}there; to be fetched and installed now:",
        if names.is_empty() {
            String::new()
        } else {
            format!("{names} ")
        }
    );
    for need in &missing {
        println!("  {}: {}", need.name(), need.cost());
    }
    for need in missing {
        let began = Instant::now();
        match need.bring().with_context(|| format!("bringing {}", need.name())) {
            Ok(()) => println!(
                "  {} is there now ({:.0} s)",
                need.name(),
                began.elapsed().as_secs_f64()
            ),
            Err(error) if need.may_be_missing() => {
                println!("  {} can't be had here; its tests will say so: {error:#}", need.name());
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// ONNX Runtime from an archive of its own release.
pub(crate) fn onnxruntime_from(archive: &Path, sha256: &str) -> Result<()> {
    onnxruntime::from_archive(archive, sha256)
}
