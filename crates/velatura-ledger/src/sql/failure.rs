//! What a database's errors mean.

use sqlx::Error;

use crate::LedgerError;

impl From<Error> for LedgerError {
    fn from(error: Error) -> Self {
        match error {
            Error::Database(said) => match said.code() {
                Some(code) => by_code(&code, said.message().to_owned()),
                None => Self::Refused {
                    reason: said.message().to_owned(),
                },
            },
            Error::Configuration(reason) => Self::Address {
                reason: reason.to_string(),
            },
            Error::ColumnDecode { .. } | Error::Decode(_) | Error::ColumnNotFound(_) | Error::TypeNotFound { .. } => {
                Self::Corrupt {
                    reason: error.to_string(),
                }
            }
            // Not a matter of time: somebody has to say whom to trust, or to whom to talk.
            Error::Tls(reason) => Self::Refused {
                reason: untrusted(&reason.to_string()),
            },
            Error::Io(reason) if reason.to_string().contains("invalid peer certificate") => Self::Refused {
                reason: untrusted(&reason.to_string()),
            },
            Error::Io(reason) => Self::Unavailable {
                reason: reason.to_string(),
            },
            Error::PoolTimedOut => Self::Unavailable {
                reason: "it gave no connection in time".to_owned(),
            },
            // The rest is a connection that broke in one way or another: a new one may do.
            other => Self::Unavailable {
                reason: other.to_string(),
            },
        }
    }
}

fn untrusted(reason: &str) -> String {
    format!("no TLS with it ({reason}): name the file of its CA at the end of the address, &sslrootcert=/path/ca.pem")
}

/// PostgreSQL's codes are five letters and digits, of which two are the class; SQLite's are a number, of which the lowest
/// byte is the class.
fn by_code(code: &str, reason: String) -> LedgerError {
    match code.parse::<i32>() {
        Ok(number) if code.len() < 5 => by_sqlite_class(number & 0xff, reason),
        Ok(_) | Err(_) => by_postgres_code(code, reason),
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn by_postgres_code(code: &str, reason: String) -> LedgerError {
    match code.get(..2).unwrap_or_default() {
        // Connection, a transaction that took too long, rollback to be repeated, resources, intervention (restart, time
        // limit), system.
        "08" | "25" | "40" | "53" | "57" | "58" => LedgerError::Unavailable { reason },
        "XX" => LedgerError::Corrupt { reason },
        _ => LedgerError::Refused { reason },
    }
}

/// <https://www.sqlite.org/rescode.html>
fn by_sqlite_class(class: i32, reason: String) -> LedgerError {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const IO: i32 = 10;
    const CORRUPT: i32 = 11;
    const FULL: i32 = 13;
    const NOT_A_DATABASE: i32 = 26;
    match class {
        BUSY | LOCKED | IO | FULL => LedgerError::Unavailable { reason },
        CORRUPT | NOT_A_DATABASE => LedgerError::Corrupt { reason },
        _ => LedgerError::Refused { reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(code: &str) -> &'static str {
        by_code(code, String::new()).code()
    }

    #[test]
    fn postgres_codes_are_told_apart_by_class() {
        assert_eq!(meaning("57P01"), "ledger-unavailable");
        assert_eq!(meaning("25P03"), "ledger-unavailable");
        assert_eq!(meaning("40001"), "ledger-unavailable");
        assert_eq!(meaning("53300"), "ledger-unavailable");
        assert_eq!(meaning("28P01"), "ledger-refused");
        assert_eq!(meaning("3D000"), "ledger-refused");
        assert_eq!(meaning("XX001"), "ledger-corrupt");
    }

    #[test]
    fn sqlite_codes_are_told_apart_by_their_lowest_byte() {
        assert_eq!(meaning("5"), "ledger-unavailable");
        assert_eq!(meaning("517"), "ledger-unavailable");
        assert_eq!(meaning("13"), "ledger-unavailable");
        assert_eq!(meaning("8"), "ledger-refused");
        assert_eq!(meaning("26"), "ledger-corrupt");
    }
}
