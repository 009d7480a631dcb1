//! `velatura webhooks`: who is told when a job is paused or has ended.

use anyhow::Result;
use clap::{Args, Subcommand};
use velatura_proto::v1;
use velatura_proto::v1::webhooks_client::WebhooksClient;

use super::jobs::{Target, block_on, refusal};
use crate::exit::Ended;

/// Register addresses that are told when a job is paused or has ended, signed by the rules of standardwebhooks.com.
///
/// Examples:
///   velatura webhooks create https://example.com/velatura
///   velatura webhooks list
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub(crate) enum Command {
    /// Register an address, and print the secret that its deliveries are signed with: this once
    Create {
        /// https://host/path
        url: String,
        #[command(flatten)]
        target: Target,
    },
    /// All addresses, a line each, the newest first
    List(List),
    /// Forget an address, and what it has not been told yet
    Delete {
        /// The webhook's id
        id: String,
        #[command(flatten)]
        target: Target,
    },
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    target: Target,
}

pub(crate) fn main(command: &Command) -> Result<Ended> {
    block_on(run(command))
}

async fn run(command: &Command) -> Result<Ended> {
    let (Command::Create { target, .. } | Command::List(List { target }) | Command::Delete { target, .. }) = command;
    let mut client = WebhooksClient::with_interceptor(target.channel().await?, target.bearer());
    match command {
        Command::Create { url, .. } => {
            let request = v1::CreateWebhookRequest { url: url.clone() };
            let created = client.create_webhook(request).await.map_err(refusal)?.into_inner();
            println!("{}", created.secret);
            eprintln!(
                "Registered as {}. Keep the secret: it is not shown again.",
                created.webhook.unwrap_or_default().id
            );
        }
        Command::List(_) => {
            let listed = client
                .list_webhooks(v1::ListWebhooksRequest {})
                .await
                .map_err(refusal)?;
            listed.into_inner().webhooks.iter().for_each(line);
        }
        Command::Delete { id, .. } => {
            let request = v1::DeleteWebhookRequest { id: id.clone() };
            line(&client.delete_webhook(request).await.map_err(refusal)?.into_inner());
        }
    }
    Ok(Ended::AllDone)
}

fn line(webhook: &v1::Webhook) {
    let standing = match (webhook.disabled_at.as_str(), webhook.error.as_str()) {
        ("", "") => String::new(),
        ("", error) => format!("  {error}"),
        (at, _) => format!("  disabled {at}: it answered that it wants no more"),
    };
    println!("{}  {:<16} {}{standing}", webhook.id, webhook.tenant, webhook.url);
}
