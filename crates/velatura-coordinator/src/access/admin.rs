use std::sync::Arc;

use velatura_ledger::{ApiKey, Ledger, Tenant};
use velatura_proto::v1;

use super::audit::audited;
use super::reach::Prefix;
use super::token::Token;
use super::{Caller, Role};
use crate::context::{now, rfc3339};
use crate::error::ApiError;
use crate::submission::Refusal;

const DAY: i64 = 86_400_000;

/// Keys and tenants: the same over both edges, and for `velatura keys` on the ledger itself.
#[derive(Debug, Clone)]
pub(crate) struct Admin {
    ledger: Arc<dyn Ledger>,
}

impl Admin {
    pub(crate) fn new(ledger: Arc<dyn Ledger>) -> Self {
        Self { ledger }
    }

    /// Makes a key and tells its secret, this once.
    pub(crate) async fn create_key(
        &self,
        caller: &Caller,
        request: &v1::CreateKeyRequest,
    ) -> Result<v1::CreatedKey, ApiError> {
        let token = Token::random();
        let created = async {
            caller.must(Role::Operate)?;
            let key = new_key(request, &token)?;
            self.ledger.add_key(&key).await?;
            Ok(v1::CreatedKey {
                key: Some(view(key)),
                secret: token.reveal(),
            })
        };
        audited(caller, "key.create", &token.id, created).await
    }

    pub(crate) async fn list_keys(&self, caller: &Caller) -> Result<v1::ListKeysResponse, ApiError> {
        caller.must(Role::Operate)?;
        let keys = self.ledger.keys().await?;
        Ok(v1::ListKeysResponse {
            keys: keys.into_iter().map(view).collect(),
        })
    }

    /// Takes a key back. It works on for as long as a coordinator believes what it last read, a few seconds.
    pub(crate) async fn revoke_key(&self, caller: &Caller, id: &str) -> Result<v1::ApiKey, ApiError> {
        let revoked = async {
            caller.must(Role::Operate)?;
            let key = self.ledger.revoke_key(id, now()).await?;
            key.map(view).ok_or_else(|| ApiError::NoKey(id.to_owned()))
        };
        audited(caller, "key.revoke", id, revoked).await
    }

    /// Records a tenant, or changes it to just this.
    pub(crate) async fn put_tenant(&self, caller: &Caller, request: v1::Tenant) -> Result<v1::Tenant, ApiError> {
        let name = request.name.clone();
        let put = async {
            caller.must(Role::Operate)?;
            let tenant = tenant(request)?;
            self.ledger.put_tenant(&tenant).await?;
            Ok(view_tenant(tenant))
        };
        audited(caller, "tenant.put", &name, put).await
    }

    pub(crate) async fn list_tenants(&self, caller: &Caller) -> Result<v1::ListTenantsResponse, ApiError> {
        caller.must(Role::Operate)?;
        let tenants = self.ledger.tenants().await?;
        Ok(v1::ListTenantsResponse {
            tenants: tenants.into_iter().map(view_tenant).collect(),
        })
    }
}

fn new_key(request: &v1::CreateKeyRequest, token: &Token) -> Result<ApiKey, Refusal> {
    if request.description.len() > 1000 {
        let message = "a description has at most 1000 bytes";
        return Err(Refusal::new("description-too-long", "description", message));
    }
    if request.roles.is_empty() {
        let message = "a key needs a role: submit, read, monitor or operate";
        return Err(Refusal::new("roles-missing", "roles", message));
    }
    for (i, role) in request.roles.iter().enumerate() {
        let known = role.parse::<Role>();
        known.map_err(|message| Refusal::new("role-unknown", format!("roles[{i}]"), message))?;
    }
    let submits = request.roles.iter().any(|role| role == Role::Submit.as_str());
    for (field, places) in [("sources", &request.sources), ("destinations", &request.destinations)] {
        if submits && places.is_empty() {
            let message = format!("a key that submits needs {field}: s3://bucket/folder/, or s3:// for every bucket");
            return Err(Refusal::new("places-missing", field, message));
        }
    }
    let created_at = now();
    Ok(ApiKey {
        id: token.id.clone(),
        tenant: match request.tenant.as_str() {
            "" => "default".to_owned(),
            name => name.to_owned(),
        },
        description: request.description.clone(),
        hash: token.hash(),
        roles: request.roles.clone(),
        sources: places("sources", &request.sources)?,
        destinations: places("destinations", &request.destinations)?,
        created_at,
        expires_at: (request.expires_days > 0).then(|| created_at + i64::from(request.expires_days) * DAY),
        revoked_at: None,
        last_used_at: None,
    })
}

fn places(field: &str, places: &[String]) -> Result<Vec<String>, Refusal> {
    let read = |(i, text): (usize, &String)| match Prefix::parse(text) {
        Ok(prefix) => Ok(prefix.to_string()),
        Err(message) => Err(Refusal::new("location-invalid", format!("{field}[{i}]"), message)),
    };
    places.iter().enumerate().map(read).collect()
}

fn tenant(request: v1::Tenant) -> Result<Tenant, Refusal> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if request.name.is_empty() || request.name.len() > 63 || !request.name.chars().all(allowed) {
        let message = format!(
            "{:?} is no name of a tenant: 1 to 63 of a-z, 0-9, - and _",
            request.name
        );
        return Err(Refusal::new("tenant-invalid", "name", message));
    }
    let weight = request.weight.unwrap_or(1.0);
    if !(weight > 0.0 && weight <= 1e6) {
        let message = format!("the weight is {weight}, but must be above 0 and at most 1000000");
        return Err(Refusal::new("weight-out-of-range", "weight", message));
    }
    Ok(Tenant {
        name: request.name,
        weight,
        max_running: request.max_running,
        max_open_jobs: request.max_open_jobs,
        max_tasks_per_job: request.max_tasks_per_job,
        submissions_per_minute: request.submissions_per_minute,
    })
}

fn view(key: ApiKey) -> v1::ApiKey {
    let at = |at: Option<i64>| at.map(rfc3339).unwrap_or_default();
    v1::ApiKey {
        id: key.id,
        tenant: key.tenant,
        description: key.description,
        roles: key.roles,
        sources: key.sources,
        destinations: key.destinations,
        created_at: rfc3339(key.created_at),
        expires_at: at(key.expires_at),
        revoked_at: at(key.revoked_at),
        last_used_at: at(key.last_used_at),
    }
}

fn view_tenant(tenant: Tenant) -> v1::Tenant {
    v1::Tenant {
        name: tenant.name,
        weight: Some(tenant.weight),
        max_running: tenant.max_running,
        max_open_jobs: tenant.max_open_jobs,
        max_tasks_per_job: tenant.max_tasks_per_job,
        submissions_per_minute: tenant.submissions_per_minute,
    }
}
