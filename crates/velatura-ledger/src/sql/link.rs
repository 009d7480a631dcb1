//! Connections, and how statements run on them.
//!
//! Statements are written once, for sqlx's `Any`. SQLite runs them through it; PostgreSQL's connections are those of its
//! own driver, for `Any` has no `COPY`.

use std::ops::DerefMut;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{
    Any, AnyConnection, AnyPool, AssertSqlSafe, Error, Execute as _, PgConnection, PgPool, Postgres, Transaction,
};

pub(super) type Statement<'q> = Query<'q, Any, AnyArguments>;

/// A statement that is made of this crate's own words: values travel only as parameters.
pub(super) fn statement<'q>(text: impl Into<String>) -> Statement<'q> {
    sqlx::query(AssertSqlSafe(text.into()))
}

/// Rows of a statement that has run.
pub(super) type Rows = Vec<AnyRow>;

/// Connections that are kept.
#[derive(Debug, Clone)]
pub(super) enum Pool {
    Postgres(PgPool),
    Sqlite(AnyPool),
}

impl Pool {
    pub(super) async fn acquire(&self) -> Result<Reader, Error> {
        Ok(match self {
            Self::Postgres(pool) => Link::Postgres(pool.acquire().await?),
            Self::Sqlite(pool) => Link::Sqlite(pool.acquire().await?),
        })
    }

    pub(super) async fn begin(&self, begin: &'static str) -> Result<Writer, Error> {
        Ok(match self {
            Self::Postgres(pool) => Link::Postgres(pool.begin_with(begin).await?),
            Self::Sqlite(pool) => Link::Sqlite(pool.begin_with(begin).await?),
        })
    }
}

/// A connection of one database or the other, or a transaction on it.
#[derive(Debug)]
pub(super) enum Link<P, S> {
    Postgres(P),
    Sqlite(S),
}

/// A connection whose statements see what is committed.
pub(super) type Reader = Link<PoolConnection<Postgres>, PoolConnection<Any>>;

/// A transaction; what is not committed when it is dropped never was.
pub(super) type Writer = Link<Transaction<'static, Postgres>, Transaction<'static, Any>>;

impl<P, S> Link<P, S>
where
    P: DerefMut<Target = PgConnection> + Send,
    S: DerefMut<Target = AnyConnection> + Send,
{
    /// Runs a statement; gives how many rows it changed.
    pub(super) async fn execute(&mut self, statement: Statement<'_>) -> Result<u64, Error> {
        Ok(match self {
            Self::Postgres(link) => native(statement)?.execute(&mut **link).await?.rows_affected(),
            Self::Sqlite(link) => statement.execute(&mut **link).await?.rows_affected(),
        })
    }

    pub(super) async fn fetch_all(&mut self, statement: Statement<'_>) -> Result<Rows, Error> {
        match self {
            Self::Postgres(link) => {
                let rows = native(statement)?.fetch_all(&mut **link).await?;
                rows.iter().map(AnyRow::try_from).collect()
            }
            Self::Sqlite(link) => statement.fetch_all(&mut **link).await,
        }
    }

    pub(super) async fn fetch_optional(&mut self, statement: Statement<'_>) -> Result<Option<AnyRow>, Error> {
        match self {
            Self::Postgres(link) => {
                let row = native(statement)?.fetch_optional(&mut **link).await?;
                row.as_ref().map(AnyRow::try_from).transpose()
            }
            Self::Sqlite(link) => statement.fetch_optional(&mut **link).await,
        }
    }

    pub(super) async fn fetch_one(&mut self, statement: Statement<'_>) -> Result<AnyRow, Error> {
        self.fetch_optional(statement).await?.ok_or(Error::RowNotFound)
    }

    /// Runs several statements without parameters, of this crate's own words.
    pub(super) async fn run(&mut self, script: String) -> Result<(), Error> {
        let script = sqlx::raw_sql(AssertSqlSafe(script));
        match self {
            Self::Postgres(link) => script.execute(&mut **link).await.map(drop),
            Self::Sqlite(link) => script.execute(&mut **link).await.map(drop),
        }
    }
}

impl Writer {
    pub(super) async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Postgres(transaction) => transaction.commit().await,
            Self::Sqlite(transaction) => transaction.commit().await,
        }
    }
}

/// The same statement for PostgreSQL's own driver.
fn native(mut statement: Statement<'_>) -> Result<Query<'static, Postgres, PgArguments>, Error> {
    let values = statement.take_arguments().map_err(Error::Encode)?.unwrap_or_default();
    Ok(sqlx::query_with(
        statement.sql(),
        values.convert_into::<PgArguments>().map_err(Error::Encode)?,
    ))
}
