//! `velatura keys`: who may use a coordinator whose access is `keys`.

use std::path::Path;

use anyhow::Result;
use clap::{Args, Subcommand};
use velatura_coordinator::Host;
use velatura_proto::v1;

use super::jobs::block_on;
use crate::config::Config;
use crate::exit::Ended;

/// Make, list and revoke API keys, on the ledger itself: run it where the coordinator's configuration is.
///
/// Examples:
///   velatura keys create --role operate --description operators
///   velatura keys create --tenant acme --source s3://library/acme/ --destination s3://painted/acme/
///   velatura keys create --role monitor --description exporter
///   velatura keys revoke 5f0c1d2e3a4b5c6d
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub(crate) enum Command {
    /// Make a key, and print it: this once, for only its hash is kept
    Create(Box<Create>),
    /// All keys, a line each, the newest first
    List(OnLedger),
    /// Take a key back for good; coordinators notice within two seconds
    Revoke {
        /// The key's id: what stands between vel_ and the next _
        id: String,
        #[command(flatten)]
        ledger: OnLedger,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Whose jobs the key submits and sees
    #[arg(long, value_name = "NAME", default_value = "default")]
    tenant: String,
    /// What the key may do; repeat for several. submit: submit and steer jobs; read: see them; monitor: see how much
    /// waits, for the exporter; operate: everything, of every tenant
    #[arg(long = "role", value_name = "ROLE", default_values = ["submit", "read"])]
    roles: Vec<String>,
    /// Below which location photos, styles, masks and maps may be read: s3://bucket/folder/, or s3:// for every bucket;
    /// repeat for several
    #[arg(long = "source", value_name = "LOCATION")]
    sources: Vec<String>,
    /// Below which location pictures may be written; repeat for several
    #[arg(long = "destination", value_name = "LOCATION")]
    destinations: Vec<String>,
    /// Days until the key is void; 0 for never
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    expires_days: u32,
    /// What people call the key
    #[arg(long, default_value = "")]
    description: String,
    #[command(flatten)]
    ledger: OnLedger,
}

/// Which ledger.
#[derive(Debug, Args)]
pub(crate) struct OnLedger {
    /// The ledger, if not that of the configuration: postgres://… or sqlite:///absolute/path.db
    #[arg(long, value_name = "URL")]
    ledger: Option<String>,
}

impl OnLedger {
    /// Opens it; each change is logged as the coordinator logs it.
    pub(crate) async fn open(&self, config: Option<&Path>) -> Result<Host> {
        let config = Config::load(config)?;
        config.logs.init("warn,audit=info")?;
        let url = self.ledger.as_ref().unwrap_or(&config.ledger.url);
        Ok(Host::new(velatura_ledger::connect(url).await?))
    }
}

pub(crate) fn main(config: Option<&Path>, command: &Command) -> Result<Ended> {
    block_on(run(config, command))
}

async fn run(config: Option<&Path>, command: &Command) -> Result<Ended> {
    match command {
        Command::Create(create) => {
            let request = v1::CreateKeyRequest {
                tenant: create.tenant.clone(),
                description: create.description.clone(),
                roles: create.roles.clone(),
                sources: create.sources.clone(),
                destinations: create.destinations.clone(),
                expires_days: create.expires_days,
            };
            let created = create.ledger.open(config).await?.create_key(&request).await?;
            println!("{}", created.secret);
            eprintln!("Keep it: it is not shown again. Clients take it from VELATURA_API_KEY.");
        }
        Command::List(ledger) => {
            let listed = ledger.open(config).await?.list_keys().await?;
            listed.keys.iter().for_each(line);
        }
        Command::Revoke { id, ledger } => line(&ledger.open(config).await?.revoke_key(id).await?),
    }
    Ok(Ended::AllDone)
}

fn line(key: &v1::ApiKey) {
    let standing = match (key.revoked_at.as_str(), key.expires_at.as_str()) {
        ("", "") => String::new(),
        ("", expires) => format!("  until {expires}"),
        (revoked, _) => format!("  revoked {revoked}"),
    };
    let used = match key.last_used_at.as_str() {
        "" => "never used".to_owned(),
        at => format!("used {at}"),
    };
    let places = |word: &str, places: &[String]| match places {
        [] => String::new(),
        places => format!("  {word} {}", places.join(" ")),
    };
    println!(
        "{}  {:<16} {:<12}{}{}  {used}{standing}  {}",
        key.id,
        key.tenant,
        key.roles.join("+"),
        places("from", &key.sources),
        places("to", &key.destinations),
        key.description
    );
}
