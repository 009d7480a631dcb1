use std::fmt;
use std::str::FromStr;

/// What a key is for. The roles are independent of each other; only `operate` holds the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Submits jobs for its tenant, and steers them.
    Submit,
    /// Sees its tenant's jobs and tasks.
    Read,
    /// Sees how much waits, over all tenants, and nothing else: for the exporter.
    Monitor,
    /// Sees and steers everything of every tenant, keys and tenants included.
    Operate,
}

impl Role {
    pub(crate) const ALL: [Self; 4] = [Self::Submit, Self::Read, Self::Monitor, Self::Operate];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Read => "read",
            Self::Monitor => "monitor",
            Self::Operate => "operate",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|role| role.as_str() == text);
        named.ok_or_else(|| format!("{text:?} is no role: use submit, read, monitor or operate"))
    }
}
