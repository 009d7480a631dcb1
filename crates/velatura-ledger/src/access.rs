use async_trait::async_trait;

use crate::{LedgerError, Millis};

/// Who may use the ledger's jobs: tenants and their keys.
#[async_trait]
pub trait Access {
    /// All tenants, by name. There is always one, `default`.
    async fn tenants(&self) -> Result<Vec<Tenant>, LedgerError>;

    /// Records a tenant, or changes the one of that name.
    async fn put_tenant(&self, tenant: &Tenant) -> Result<(), LedgerError>;

    /// Records a key. [`LedgerError::NoTenant`] when its tenant is not recorded.
    async fn add_key(&self, key: &ApiKey) -> Result<(), LedgerError>;

    /// The key of that id.
    async fn key(&self, id: &str) -> Result<Option<ApiKey>, LedgerError>;

    /// All keys, the newest first, those that were revoked included.
    async fn keys(&self) -> Result<Vec<ApiKey>, LedgerError>;

    /// Takes a key back for good. Revoking a revoked key changes nothing; `None` when there is no such key.
    async fn revoke_key(&self, id: &str, now: Millis) -> Result<Option<ApiKey>, LedgerError>;

    /// Notes that a key was used, if nobody noted that later.
    async fn touch_key(&self, id: &str, now: Millis) -> Result<(), LedgerError>;
}

/// Somebody whose jobs nobody else sees, with a share of the workers. `None` is no limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// Its name.
    pub name: String,
    /// Its share of the workers, against the other tenants' weights; above 0.
    pub weight: f64,
    /// The most tasks that it has in the broker and in workers at once.
    pub max_running: Option<u64>,
    /// The most jobs that have not ended.
    pub max_open_jobs: Option<u64>,
    /// The most photos that one job may have.
    pub max_tasks_per_job: Option<u64>,
    /// The most jobs that are accepted within any 60 seconds.
    pub submissions_per_minute: Option<u64>,
}

impl Tenant {
    /// A tenant with weight 1 and without limits.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            weight: 1.0,
            max_running: None,
            max_open_jobs: None,
            max_tasks_per_job: None,
            submissions_per_minute: None,
        }
    }
}

/// A key as it is recorded: all but its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its public part.
    pub id: String,
    /// Whose it is.
    pub tenant: String,
    /// What people call it.
    pub description: String,
    /// What its secret hashes to.
    pub hash: String,
    /// What it may do, by name.
    pub roles: Vec<String>,
    /// Below which locations it may read.
    pub sources: Vec<String>,
    /// Below which locations it may write.
    pub destinations: Vec<String>,
    /// When it was made.
    pub created_at: Millis,
    /// From when on it is void.
    pub expires_at: Option<Millis>,
    /// When it was taken back.
    pub revoked_at: Option<Millis>,
    /// When it was last used, to within a few minutes.
    pub last_used_at: Option<Millis>,
}
