//! What the chart promises, without a cluster.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod binary;
mod cases;
mod refusals;
mod rules;
mod spoil;

use std::path::PathBuf;
use std::sync::LazyLock;

use velatura_kubernetes::Tools;
use velatura_kubernetes::chart::{Helm, Objects, Strict, folder};

static TOOLS: LazyLock<Tools> = LazyLock::new(|| Tools::find().expect("a home"));
static HELM: LazyLock<Helm> = LazyLock::new(|| Helm::new(&TOOLS).expect("the pinned helm"));
static STRICT: LazyLock<Strict> = LazyLock::new(|| Strict::new(&TOOLS).expect("kubeconform and the API's schemas"));

fn case(name: &str) -> PathBuf {
    folder().join(format!("ci/{name}-values.yaml"))
}

fn rendered(name: &str) -> Objects {
    HELM.render(&case(name), &[])
        .unwrap_or_else(|error| panic!("{name}: {error:#}"))
}
