//! Set-up, demo, test, bench, evaluation: nothing a user must do by hand.

mod bench;
mod cargo;
mod chart;
mod cluster;
mod dashboards;
mod demo;
mod deploy;
mod evaluate;
mod run;
mod setup;
mod simulate;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Velatura's chores. Each says first what it will fetch and install; nothing is installed twice.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Fetch and install what the others need, and nothing else
    Setup {
        #[command(subcommand)]
        what: Option<Setup>,
    },
    /// Restyle photos on this machine, from nothing to a contact sheet
    Demo(demo::Options),
    /// Run every test, as CI does
    Test(test::Options),
    /// Lint and render the Helm chart in every case, and check what comes out
    Chart(chart::Options),
    /// Run the chart on a real control plane: install, scale from zero and back, upgrade, lose a node, uninstall
    Cluster(cluster::Options),
    /// Measure, as ratios side by side in one run
    Bench(bench::Options),
    /// Check Dockerfile, compose file, alerts and dashboards with the tools of those who read them
    Deploy,
    /// Write the Grafana dashboards from their description
    Dashboards,
    /// Let autoscalers follow a burst of a million tasks in simulated time, and draw it to docs/img
    Simulate,
    /// Judge packs over photos and styles: a table and a contact sheet
    Evaluate(evaluate::Options),
}

#[derive(Debug, Subcommand)]
enum Setup {
    /// Only what the program itself needs: ONNX Runtime
    Program,
    /// What the chart is tested with: Helm, and a whole control plane with KEDA
    Kubernetes,
    /// ONNX Runtime from an archive of its own release instead of the Python wheel
    Onnxruntime {
        /// The archive, a .tgz
        archive: PathBuf,
        /// The sha256 of the archive, as its publisher states it
        #[arg(long)]
        sha256: String,
    },
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Setup { what: None } => setup::ensure(&setup::ALL),
        Task::Setup {
            what: Some(Setup::Program),
        } => setup::ensure(&setup::PROGRAM),
        Task::Setup {
            what: Some(Setup::Kubernetes),
        } => setup::ensure(&setup::CLUSTER),
        Task::Setup {
            what: Some(Setup::Onnxruntime { archive, sha256 }),
        } => setup::onnxruntime_from(&archive, &sha256),
        Task::Demo(options) => demo::main(&options),
        Task::Test(options) => test::main(&options),
        Task::Chart(options) => chart::main(&options),
        Task::Cluster(options) => cluster::main(&options),
        Task::Bench(options) => bench::main(&options),
        Task::Deploy => deploy::main(),
        Task::Dashboards => dashboards::write(),
        Task::Simulate => simulate::main(),
        Task::Evaluate(options) => evaluate::main(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
