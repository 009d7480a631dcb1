//! All that PostgreSQL and SQLite say differently.

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Postgres,
    Sqlite,
}

impl Dialect {
    /// Begins a transaction that will write. SQLite has one writer, who says so at once, for it could not wait later.
    pub(super) fn begin(self) -> &'static str {
        match self {
            Self::Postgres => "BEGIN",
            Self::Sqlite => "BEGIN IMMEDIATE",
        }
    }

    /// Ends a `SELECT` whose rows nobody else may change before this transaction ends. SQLite's writer is alone anyway.
    pub(super) fn lock(self) -> &'static str {
        match self {
            Self::Postgres => "FOR UPDATE",
            Self::Sqlite => "",
        }
    }

    /// Sets up each connection. What is committed must survive a power cut; a coordinator that vanishes in the middle of
    /// a transaction must not hold a job for long.
    pub(super) fn session(self) -> &'static str {
        match self {
            Self::Postgres => {
                "SET application_name = 'velatura'; SET statement_timeout = '60s'; \
                 SET idle_in_transaction_session_timeout = '60s'"
            }
            Self::Sqlite => "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
        }
    }

    /// Makes two programs that start at once migrate one after the other; ends with the transaction.
    pub(super) fn migration_lock(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some("SELECT pg_advisory_xact_lock(7377801541)"),
            Self::Sqlite => None,
        }
    }

    /// Fills in a migration's placeholders.
    pub(super) fn migration(self, text: &str) -> String {
        let (identity, task_storage) = match self {
            // Most of the table never changes again, and by default it would be cleaned only when a fifth of it has.
            Self::Postgres => (
                "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                "WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 50000)",
            ),
            Self::Sqlite => ("INTEGER PRIMARY KEY", "WITHOUT ROWID"),
        };
        text.replace("{identity}", identity)
            .replace("{task_storage}", task_storage)
    }

    /// A table `r` out of the first parameter, which is a JSON array of objects. So a statement's text is the same, and
    /// prepared once, however many rows it is about. Columns are given as `name TYPE`.
    pub(super) fn rows(self, columns: &[&str]) -> String {
        match self {
            Self::Postgres => format!("json_to_recordset(CAST($1 AS json)) AS r({})", columns.join(", ")),
            Self::Sqlite => {
                let name = |column: &&str| column.split(' ').next().unwrap_or_default().to_owned();
                let fields = columns
                    .iter()
                    .map(name)
                    .map(|name| format!("value ->> '{name}' AS {name}"));
                format!(
                    "(SELECT {} FROM json_each($1)) AS r",
                    fields.collect::<Vec<_>>().join(", ")
                )
            }
        }
    }

    /// Says that a value is among those that a query finds. PostgreSQL gets them as an array and looks each up in an
    /// index, whatever it believes their number to be; of a subquery it may make a loop within a loop.
    pub(super) fn among(self, query: &str) -> String {
        match self {
            Self::Postgres => format!("= ANY (ARRAY({query}))"),
            Self::Sqlite => format!("IN ({query})"),
        }
    }
}
