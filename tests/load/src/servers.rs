//! What a run stands on: a private RabbitMQ, and a private PostgreSQL or a SQLite file.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use tempfile::TempDir;
use velatura_objects::{ObjectsConfig, S3Config, Stores};
use velatura_queue::{Broker, QueueConfig};
use velatura_testkit::postgres::Postgres;
use velatura_testkit::rabbitmq::{RabbitMq, Version};
use velatura_testkit::s3::S3;

/// Where the ledger lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Database {
    /// A private server.
    Postgres,
    /// A file.
    Sqlite,
}

/// Private servers, ended when dropped.
#[derive(Debug)]
pub struct Servers {
    /// The broker, to be stopped and started.
    pub broker: RabbitMq,
    /// The database server; none with SQLite.
    pub postgres: Option<Postgres>,
    /// The ledger's address.
    pub ledger: String,
    _folder: TempDir,
}

impl Servers {
    /// Starts them.
    pub fn start(database: Database) -> Result<Self> {
        let folder = TempDir::with_prefix("velatura-load-")?;
        let (postgres, ledger) = match database {
            Database::Postgres => {
                let server = Postgres::start()?;
                let url = server.create_database()?;
                (Some(server), url)
            }
            Database::Sqlite => (None, format!("sqlite://{}/ledger.db", folder.path().display())),
        };
        Ok(Self {
            broker: RabbitMq::start(Version::V3_10)?,
            postgres,
            ledger,
            _folder: folder,
        })
    }

    /// A client of the broker.
    pub async fn queue(&self) -> Result<Arc<dyn Broker>> {
        connect(&self.broker.url(), &self.broker.management_url()).await
    }
}

/// A client of a broker that answers.
async fn connect(url: &str, management_url: &str) -> Result<Arc<dyn Broker>> {
    let config = config(url, management_url)?;
    let broker = velatura_queue::RabbitMq::connect_within(&config, Duration::from_secs(60)).await?;
    Ok(Arc::new(broker))
}

/// A client of a broker that may be away just now.
pub fn client_of(url: &str, management_url: &str) -> Result<Arc<dyn Broker>> {
    Ok(Arc::new(velatura_queue::RabbitMq::start(&config(
        url,
        management_url,
    )?)?))
}

fn config(url: &str, management_url: &str) -> Result<QueueConfig> {
    Ok(QueueConfig {
        urls: vec![url.parse()?],
        management_url: Some(management_url.parse()?),
        ..QueueConfig::default()
    })
}

/// The stores of a coordinator whose bucket is a simulated library at that address.
pub fn stores(endpoint: &str) -> Result<Arc<Stores>> {
    let s3 = S3Config {
        endpoint_url: Some(endpoint.parse()?),
        access_key_id: Some(S3::ACCESS_KEY_ID.to_owned()),
        secret_access_key: Some(S3::SECRET_ACCESS_KEY.into()),
        region: Some(S3::REGION.to_owned()),
        ..S3Config::default()
    };
    Ok(Arc::new(Stores::new(ObjectsConfig {
        s3,
        ..ObjectsConfig::default()
    })))
}
