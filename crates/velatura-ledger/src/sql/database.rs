//! A database, and transactions that change it.

use std::ops::{Deref, DerefMut};

use super::dialect::Dialect;
use super::link::{Pool, Reader, Writer};
pub(super) use super::link::{Rows, statement};
use crate::LedgerError;

/// A database: one writer and several readers on SQLite, one pool for both on PostgreSQL.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) dialect: Dialect,
    pub(super) writers: Pool,
    pub(super) readers: Pool,
}

impl Database {
    /// Begins a transaction that writes.
    pub(super) async fn begin(&self) -> Result<Changes, LedgerError> {
        Ok(Changes {
            dialect: self.dialect,
            writer: self.writers.begin(self.dialect.begin()).await?,
        })
    }

    /// A connection to read with; each statement sees what is committed.
    pub(super) async fn reader(&self) -> Result<Reader, LedgerError> {
        Ok(self.readers.acquire().await?)
    }
}

/// A transaction that writes; what is not committed when it is dropped never was.
pub(super) struct Changes {
    pub(super) dialect: Dialect,
    writer: Writer,
}

impl Changes {
    pub(super) async fn commit(self) -> Result<(), LedgerError> {
        Ok(self.writer.commit().await?)
    }
}

impl Deref for Changes {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        &self.writer
    }
}

impl DerefMut for Changes {
    fn deref_mut(&mut self) -> &mut Writer {
        &mut self.writer
    }
}
