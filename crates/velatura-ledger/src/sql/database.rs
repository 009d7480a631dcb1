//! Connections and transactions.

use std::ops::{Deref, DerefMut};

use sqlx::any::AnyRow;
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Transaction};

use super::dialect::Dialect;
use crate::LedgerError;

/// A database: one writer and several readers on SQLite, one pool for both on PostgreSQL.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) dialect: Dialect,
    pub(super) writers: AnyPool,
    pub(super) readers: AnyPool,
}

impl Database {
    /// Begins a transaction that writes.
    pub(super) async fn begin(&self) -> Result<Changes, LedgerError> {
        let transaction = self.writers.begin_with(self.dialect.begin()).await?;
        Ok(Changes {
            dialect: self.dialect,
            transaction,
        })
    }

    /// A connection to read with; each statement sees what is committed.
    pub(super) async fn reader(&self) -> Result<PoolConnection<Any>, LedgerError> {
        Ok(self.readers.acquire().await?)
    }
}

/// A transaction that writes; what is not committed when it is dropped never was.
pub(super) struct Changes {
    pub(super) dialect: Dialect,
    transaction: Transaction<'static, Any>,
}

impl Changes {
    pub(super) async fn commit(self) -> Result<(), LedgerError> {
        Ok(self.transaction.commit().await?)
    }
}

impl Deref for Changes {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.transaction
    }
}

impl DerefMut for Changes {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }
}

/// A statement that is made of this crate's own words: values travel only as parameters.
pub(super) fn statement<'q>(text: impl Into<String>) -> Query<'q, Any, sqlx::any::AnyArguments> {
    sqlx::query(AssertSqlSafe(text.into()))
}

/// Rows of a statement that has run.
pub(super) type Rows = Vec<AnyRow>;
