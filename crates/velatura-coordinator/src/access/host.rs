use std::sync::Arc;

use velatura_ledger::Ledger;
use velatura_proto::v1;

use super::{Admin, Caller};
use crate::error::ApiError;

/// Keys and tenants for whoever holds the ledger's address, without a coordinator: nobody has to show a key for what
/// they could do with the database anyway, and the first key has to come from somewhere.
#[derive(Debug)]
pub struct Host {
    admin: Admin,
    caller: Caller,
}

/// Why something was not done, one sentence.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct HostError(#[from] ApiError);

impl Host {
    /// Acts on this ledger.
    pub fn new(ledger: Arc<dyn Ledger>) -> Self {
        Self {
            admin: Admin::new(ledger),
            caller: Caller::host(),
        }
    }

    /// Makes a key and tells its secret, this once.
    ///
    /// # Errors
    /// A role or place that is none, an unknown tenant, a ledger that is away.
    pub async fn create_key(&self, request: &v1::CreateKeyRequest) -> Result<v1::CreatedKey, HostError> {
        Ok(self.admin.create_key(&self.caller, request).await?)
    }

    /// All keys, the newest first.
    ///
    /// # Errors
    /// A ledger that is away.
    pub async fn list_keys(&self) -> Result<v1::ListKeysResponse, HostError> {
        Ok(self.admin.list_keys(&self.caller).await?)
    }

    /// Takes a key back for good; coordinators notice within two seconds.
    ///
    /// # Errors
    /// No such key, a ledger that is away.
    pub async fn revoke_key(&self, id: &str) -> Result<v1::ApiKey, HostError> {
        Ok(self.admin.revoke_key(&self.caller, id).await?)
    }

    /// Records a tenant, or changes it to just this.
    ///
    /// # Errors
    /// A name or weight that is none, a ledger that is away.
    pub async fn put_tenant(&self, tenant: v1::Tenant) -> Result<v1::Tenant, HostError> {
        Ok(self.admin.put_tenant(&self.caller, tenant).await?)
    }

    /// All tenants, by name.
    ///
    /// # Errors
    /// A ledger that is away.
    pub async fn list_tenants(&self) -> Result<v1::ListTenantsResponse, HostError> {
        Ok(self.admin.list_tenants(&self.caller).await?)
    }
}
