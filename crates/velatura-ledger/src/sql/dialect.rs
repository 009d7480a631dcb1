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

    /// Ends a `SELECT` whose rows others may still change, but for the key: nobody may lock them as [`Self::lock`] does
    /// before this transaction ends.
    pub(super) fn hold(self) -> &'static str {
        match self {
            Self::Postgres => "FOR KEY SHARE",
            Self::Sqlite => "",
        }
    }

    /// Ends a `SELECT` that takes what nobody else is taking, without waiting for them. SQLite's writer is alone anyway.
    pub(super) fn pass_over_locked(self) -> &'static str {
        match self {
            Self::Postgres => "FOR UPDATE SKIP LOCKED",
            Self::Sqlite => "",
        }
    }

    /// The database's clock, in milliseconds since 1970.
    pub(super) fn clock(self) -> &'static str {
        match self {
            Self::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
            Self::Sqlite => "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
        }
    }

    /// Sets up each connection. What is committed must survive a power cut; a coordinator that freezes in the middle of
    /// a transaction must not hold a job, or its leadership, for long: statements follow each other at once.
    ///
    /// Every statement finds its rows by a key, in the key's order, and PostgreSQL is told to. Left to itself it goes
    /// through the whole table, and sorts it, for a thousand tasks of a job whose millions came since it last counted.
    pub(super) fn session(self) -> &'static str {
        match self {
            Self::Postgres => {
                "SET application_name = 'velatura'; SET statement_timeout = '60s'; \
                 SET idle_in_transaction_session_timeout = '5s'; \
                 SET enable_seqscan = off; SET enable_bitmapscan = off; \
                 SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off"
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

    /// Runs an `UPDATE` of tasks and asks for `job` and `tasks`, how many of it were changed: the same job may come in
    /// several rows. SQLite can't look into an `UPDATE`, and has no wire that rows would have to cross.
    pub(super) fn counting(self, update: &str) -> String {
        match self {
            Self::Postgres => format!(
                "WITH changed AS ({update} RETURNING tasks.job) SELECT job, count(*) AS tasks FROM changed GROUP BY job"
            ),
            Self::Sqlite => format!("{update} RETURNING tasks.job AS job, 1 AS tasks"),
        }
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
