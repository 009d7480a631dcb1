//! From an address to a ledger.

use std::sync::Arc;
use std::time::Duration;

use sqlx::any::AnyConnectOptions;
use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Any, AnyConnection, Connection, Database as Driver, Executor, Postgres};

use super::database::Database;
use super::dialect::Dialect;
use super::link::Pool;
use super::{SqlLedger, migrate, submit};
use crate::{Ledger, LedgerError};

/// How long a call waits for a connection, and [`connect`] for the first one.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Connections to PostgreSQL; readers of SQLite.
const CONNECTIONS: u32 = 8;

/// Opens the ledger at an address, and makes or migrates its tables: `postgres://user:password@host/database`,
/// `sqlite:///path` or, for tests, `sqlite::memory:`.
///
/// # Errors
/// [`LedgerError::Address`], [`LedgerError::Unavailable`] (not reachable), [`LedgerError::Refused`] (wrong password, no
/// such database), [`LedgerError::Schema`] (tables of a newer program). Once it is open, a database that goes away is
/// [`LedgerError::Unavailable`] for each call until it is back.
pub async fn connect(url: &str) -> Result<Arc<dyn Ledger>, LedgerError> {
    sqlx::any::install_default_drivers();
    let place = Place::parse(url)?;
    // A pool would try again and again, and in the end only say that it took too long.
    let first = tokio::time::timeout(CONNECT_LIMIT, place.try_out()).await;
    let late = LedgerError::Unavailable {
        reason: format!("no answer within {} s", CONNECT_LIMIT.as_secs()),
    };
    first.unwrap_or(Err(late)).map_err(|error| place.name_in(error))?;

    let database = place.database()?;
    migrate::migrate(&database).await?;
    Ok(Arc::new(SqlLedger {
        database,
        ids: submit::Ids::default(),
    }))
}

/// An address that has been understood.
struct Place {
    dialect: Dialect,
    options: AnyConnectOptions,
    in_memory: bool,
}

impl Place {
    fn parse(url: &str) -> Result<Self, LedgerError> {
        let (dialect, in_memory) = match url.split_once(':') {
            Some(("postgres" | "postgresql", _)) => (Dialect::Postgres, false),
            Some(("sqlite", ":memory:")) => (Dialect::Sqlite, true),
            Some(("sqlite", path)) if path.starts_with("///") => (Dialect::Sqlite, false),
            Some(("sqlite", _)) => return Err(address("the path of a SQLite file is absolute, sqlite:///path")),
            Some(_) | None => return Err(address("only postgres:// and sqlite:// are known")),
        };
        let mut options: AnyConnectOptions = url.parse()?;
        if dialect == Dialect::Sqlite && !in_memory {
            options.database_url.query_pairs_mut().append_pair("mode", "rwc");
        }
        Ok(Self {
            dialect,
            options,
            in_memory,
        })
    }

    /// Connects once, as every connection will be.
    async fn try_out(&self) -> Result<(), LedgerError> {
        let mut connection = AnyConnection::connect_with(&self.options).await?;
        connection.execute(sqlx::raw_sql(self.dialect.session())).await?;
        Ok(connection.close().await?)
    }

    /// Says which database an error is about, without its password.
    fn name_in(&self, error: LedgerError) -> LedgerError {
        let url = &self.options.database_url;
        let name = match (self.dialect, url.host_str()) {
            (Dialect::Postgres, Some(host)) => format!("{host}:{}{}", url.port().unwrap_or(5432), url.path()),
            (Dialect::Postgres, None) | (Dialect::Sqlite, _) => url.path().to_owned(),
        };
        match error {
            LedgerError::Unavailable { reason } => LedgerError::Unavailable {
                reason: format!("{name}: {reason}"),
            },
            LedgerError::Refused { reason } => LedgerError::Refused {
                reason: format!("{name}: {reason}"),
            },
            LedgerError::Corrupt { reason } => LedgerError::Corrupt {
                reason: format!("{name}: {reason}"),
            },
            other => other,
        }
    }

    fn database(self) -> Result<Database, LedgerError> {
        let (writers, readers) = match (self.dialect, self.in_memory) {
            (Dialect::Sqlite, false) => (self.sqlite(1), self.sqlite(CONNECTIONS)),
            (Dialect::Sqlite, true) => {
                let one = self.sqlite(1);
                (one.clone(), one)
            }
            (Dialect::Postgres, _) => {
                let options = PgConnectOptions::try_from(&self.options)?;
                let pool = self.pool::<Postgres>(CONNECTIONS).connect_lazy_with(options);
                let one = Pool::Postgres(pool);
                (one.clone(), one)
            }
        };
        Ok(Database {
            dialect: self.dialect,
            writers,
            readers,
        })
    }

    fn sqlite(&self, connections: u32) -> Pool {
        let options = self.pool::<Any>(connections);
        // A database in memory is gone with its connection.
        let options = match self.in_memory {
            true => options.idle_timeout(None).max_lifetime(None),
            false => options,
        };
        Pool::Sqlite(options.connect_lazy_with(self.options.clone()))
    }

    fn pool<D: Driver>(&self, connections: u32) -> PoolOptions<D>
    where
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        let session = self.dialect.session();
        PoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(CONNECT_LIMIT)
            .after_connect(move |connection: &mut D::Connection, _| {
                Box::pin(async move { connection.execute(sqlx::raw_sql(session)).await.map(drop) })
            })
    }
}

fn address(reason: &str) -> LedgerError {
    LedgerError::Address {
        reason: reason.to_owned(),
    }
}
