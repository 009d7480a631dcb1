//! `velatura policies`: RabbitMQ's policies, compared with what the system wants, and set.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use serde_json::Value;
use velatura_queue::{Compared, Comparison, ManagementUrl, Policies};

use crate::config::Config;
use crate::exit::Ended;

/// Where they are.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// RabbitMQ's management API [default: queue.management_url of the configuration]
    ///
    /// User, password and vhost are those of the first of queue.urls; a user in this address goes before.
    #[arg(long, value_name = "URL")]
    management_url: Option<ManagementUrl>,
}

/// Compare or set the RabbitMQ policies of Velatura's queues
///
/// Limits, dead-lettering and what a full queue does are policies, so that they can be changed without deleting queues.
/// The coordinator sets them at start when queue.management_url is configured; these commands are for those who keep
/// that right from it, and for looking.
///
///     velatura --config velatura.toml policies show
///     velatura policies apply --management-url http://admin:password@broker:15672 --dry-run
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub(crate) enum Command {
    /// Say what is there and what is wanted; exit code 1 when something differs
    Show(Target),
    /// Set what is not as wanted; doing so again changes nothing
    Apply {
        /// Only say what would be set; exit code 1 when there is something
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        target: Target,
    },
}

pub(crate) fn main(config: Option<&Path>, command: &Command) -> Result<Ended> {
    let (Command::Show(target) | Command::Apply { target, .. }) = command;
    let mut config = Config::load(config)?;
    if let Some(url) = &target.management_url {
        config.queue.management_url = Some(url.clone());
    }
    config.logs.init("warn")?;
    let policies = Policies::new(&config.queue)?;
    let runtime = tokio::runtime::Runtime::new().context("the asynchronous runtime does not start")?;
    let sets = matches!(command, Command::Apply { dry_run: false, .. });
    let found = if sets {
        runtime.block_on(policies.apply())?
    } else {
        runtime.block_on(policies.compare())?
    };
    let said = match command {
        Command::Show(_) => Said {
            there: "there",
            set: "differs",
            missing: "missing",
        },
        Command::Apply { dry_run: true, .. } => Said {
            there: "there",
            set: "would be changed",
            missing: "would be set",
        },
        Command::Apply { dry_run: false, .. } => Said {
            there: "before",
            set: "changed",
            missing: "set",
        },
    };
    print!("{}", report(&found, &said));
    let done = if sets {
        found.overruled.is_empty()
    } else {
        found.is_as_wanted()
    };
    Ok(if done { Ended::AllDone } else { Ended::SomeFailed })
}

/// The words of a command for what it found.
struct Said {
    there: &'static str,
    set: &'static str,
    missing: &'static str,
}

fn report(found: &Comparison, said: &Said) -> String {
    let mut text = format!("RabbitMQ {}, vhost {}\n", found.version, found.vhost);
    for policy in &found.policies {
        let _ = writeln!(text, "{:<14} {}", policy.wanted.name, state(policy, said));
        for one in policy.differences() {
            let (there, wanted) = (value(one.there.as_ref()), value(one.wanted.as_ref()));
            let _ = writeln!(text, "  {:<24} {} {there}, wanted {wanted}", one.setting, said.there);
        }
    }
    for (queue, policy) in &found.overruled {
        let _ = writeln!(
            text,
            "{queue} follows the policy {policy} instead: give that a priority below ours, or a pattern that leaves \
             velatura.* alone"
        );
    }
    text
}

fn state(policy: &Compared, said: &Said) -> &'static str {
    match &policy.there {
        None => said.missing,
        Some(_) if policy.differences().is_empty() => "as wanted",
        Some(_) => said.set,
    }
}

fn value(value: Option<&Value>) -> String {
    match value {
        None => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
