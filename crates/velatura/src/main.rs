//! `velatura`: bulk restyling of photo libraries with depth-aware AdaIN. One binary, a role a subcommand.

mod config;
#[cfg(test)]
mod deploy;
mod engine;
mod exit;
mod progress;
mod recipe_flags;
mod roles;
mod sheet;
mod stop;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::{Ended, WRONG_USE};
use crate::roles::{
    coordinator, dead_letters, exporter, jobs, keys, ledger, packs, paint, policies, sample_config, styles, stylize,
    submit, tenants, up, webhooks, worker,
};

/// Restyles photos: near things keep their detail, far things are painted more freely.
///
/// One folder on this machine:      velatura stylize photos/ --style nocturne --out painted/
/// Everything in one process:       velatura up
/// A fleet:                         velatura coordinator, velatura worker, velatura exporter
#[derive(Debug, Parser)]
#[command(version, verbatim_doc_comment, max_term_width = 120)]
struct Cli {
    /// The configuration file; VELATURA_* variables and flags go before it
    #[arg(long, global = true, value_name = "FILE", env = "VELATURA_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    role: Role,
}

/// What each says of itself stands with its options.
#[derive(Debug, Subcommand)]
enum Role {
    Stylize(Box<stylize::Options>),
    Coordinator(coordinator::Options),
    Worker(worker::Options),
    Exporter(exporter::Options),
    Up(up::Options),
    Submit(Box<submit::Options>),
    Paint(Box<paint::Options>),
    #[command(subcommand)]
    Jobs(jobs::Command),
    #[command(subcommand)]
    DeadLetters(dead_letters::Command),
    #[command(subcommand)]
    Ledger(ledger::Command),
    #[command(subcommand)]
    Keys(keys::Command),
    #[command(subcommand)]
    Tenants(tenants::Command),
    #[command(subcommand)]
    Webhooks(webhooks::Command),
    Styles(styles::Options),
    Packs(packs::Options),
    #[command(subcommand)]
    Policies(policies::Command),
    Config(sample_config::Options),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // One provider of cryptography for all that speaks TLS; a second call would be a mistake of ours.
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("set once, here");
    let config = cli.config.as_deref();
    let ended = match cli.role {
        Role::Stylize(options) => stylize::main(config, &options),
        Role::Coordinator(options) => coordinator::main(config, &options),
        Role::Worker(options) => worker::main(config, &options),
        Role::Exporter(options) => exporter::main(config, &options),
        Role::Up(options) => up::main(config, &options),
        Role::Submit(options) => submit::main(&options),
        Role::Paint(options) => paint::main(&options),
        Role::Jobs(command) => jobs::main(&command),
        Role::DeadLetters(command) => dead_letters::main(&command),
        Role::Ledger(command) => ledger::main(config, &command),
        Role::Keys(command) => keys::main(config, &command),
        Role::Tenants(command) => tenants::main(config, &command),
        Role::Webhooks(command) => webhooks::main(&command),
        Role::Styles(options) => styles::main(&options),
        Role::Packs(options) => packs::main(config, &options),
        Role::Policies(command) => policies::main(config, &command),
        Role::Config(options) => sample_config::main(config, &options),
    };
    match ended {
        Ok(Ended::AllDone) => ExitCode::SUCCESS,
        Ok(Ended::SomeFailed) => ExitCode::from(exit::SOME_FAILED),
        Err(error) => {
            eprintln!("velatura: {}", exit::sentence(&error));
            ExitCode::from(WRONG_USE)
        }
    }
}
