use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::LedgerError;

/// Who of several coordinators leads. It goes by the database's clock, so that the coordinators' clocks need not agree.
#[async_trait]
pub trait Leases {
    /// Asks to lead for `ttl`: granted when nobody does. Whoever holds the lease under the same name gets a new one at
    /// once, which ends the earlier.
    async fn lead(&self, holder: &str, ttl: Duration) -> Result<Option<Token>, LedgerError>;

    /// Leads on for another `ttl` from now; false when somebody else has taken over.
    async fn renew(&self, token: Token, ttl: Duration) -> Result<bool, LedgerError>;

    /// Ends a leadership, so that nobody has to wait for its time to pass. Ending an earlier one changes nothing.
    async fn resign(&self, token: Token) -> Result<(), LedgerError>;

    /// Who leads now.
    async fn leader(&self) -> Result<Option<Leader>, LedgerError>;
}

/// Which leadership a change belongs to. It rises with every taking over: the ledger refuses what an earlier leader still
/// tries, however late that comes ("fencing").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(pub(crate) i64);

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Who leads, for those who ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    /// The name under which it asked to lead.
    pub holder: String,
    /// Its leadership.
    pub token: Token,
}
