//! Values on their way into and out of a database.

use std::borrow::Cow;

use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::LedgerError;
use crate::state::State;

/// Rows as the one JSON parameter that [`super::dialect::Dialect::rows`] unfolds.
pub(super) fn parameter<T: Serialize + ?Sized>(rows: &T) -> String {
    serde_json::to_string(rows).expect("structs of numbers and text are JSON")
}

/// Text as PostgreSQL takes it: without zero characters, which error messages may quote from broken files.
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

/// A count or a limit as both databases take it.
pub(super) fn bigint(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A whole number that can't be negative or too large unless the record is damaged.
pub(super) fn number<N: TryFrom<i64>>(row: &AnyRow, column: &str) -> Result<N, LedgerError> {
    let value: i64 = row.try_get(column)?;
    N::try_from(value).map_err(|_| LedgerError::Corrupt {
        reason: format!("{column} is {value}"),
    })
}

/// A whole number that can't be negative, or nothing.
pub(super) fn optional<N: TryFrom<i64>>(row: &AnyRow, column: &str) -> Result<Option<N>, LedgerError> {
    match row.try_get::<Option<i64>, _>(column)? {
        Some(_) => number(row, column).map(Some),
        None => Ok(None),
    }
}

/// Text.
pub(super) fn text(row: &AnyRow, column: &str) -> Result<String, LedgerError> {
    Ok(row.try_get(column)?)
}

/// A state by its name.
pub(super) fn state<S: State>(row: &AnyRow) -> Result<S, LedgerError> {
    let name = text(row, "state")?;
    S::named(&name).ok_or_else(|| LedgerError::Corrupt {
        reason: format!("there is no state {name:?}"),
    })
}
