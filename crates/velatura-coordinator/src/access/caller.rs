use velatura_objects::Location;

use super::{Reach, Role};
use crate::error::ApiError;

/// Whose jobs those are that nobody had to name themselves for.
const DEFAULT_TENANT: &str = "default";

/// Who asks. Every method of the service takes one, so that none can be asked without saying who.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Whose jobs are meant.
    pub(crate) tenant: String,
    /// What logs and messages call them: the key's id, `anonymous` where nobody has to show one, or `host`.
    pub(crate) name: String,
    pub(super) roles: Vec<Role>,
    pub(super) sources: Reach,
    pub(super) destinations: Reach,
}

impl Caller {
    /// Anyone, where access is off: may everything.
    pub(crate) fn anonymous() -> Self {
        Self::almighty("anonymous")
    }

    /// Whoever holds the ledger itself.
    pub(crate) fn host() -> Self {
        Self::almighty("host")
    }

    fn almighty(name: &str) -> Self {
        Self {
            tenant: DEFAULT_TENANT.to_owned(),
            name: name.to_owned(),
            roles: vec![Role::Operate],
            sources: Reach::Anywhere,
            destinations: Reach::Anywhere,
        }
    }

    fn has(&self, role: Role) -> bool {
        self.roles.iter().any(|has| *has == role || *has == Role::Operate)
    }

    /// Refuses who lacks a role.
    pub(crate) fn must(&self, role: Role) -> Result<(), ApiError> {
        if self.has(role) {
            return Ok(());
        }
        let roles: Vec<&str> = self.roles.iter().map(|role| role.as_str()).collect();
        Err(ApiError::Forbidden {
            code: "role-missing",
            field: None,
            message: format!(
                "this needs the role {role}, but key {} has {}: ask for a key with that role",
                self.name,
                roles.join(", ")
            ),
        })
    }

    /// The tenant whose jobs they see, `None` for everyone's.
    pub(crate) fn scope(&self) -> Option<&str> {
        (!self.has(Role::Operate)).then_some(self.tenant.as_str())
    }

    /// Whether a tenant's jobs exist for them.
    pub(crate) fn sees(&self, tenant: &str) -> bool {
        self.scope().is_none_or(|own| own == tenant)
    }

    /// Below which places they may read.
    pub(crate) fn sources(&self) -> &Reach {
        &self.sources
    }

    /// Refuses to read at a location, or at any that a template can name.
    pub(crate) fn may_read(&self, field: &str, place: &str) -> Result<(), ApiError> {
        self.may("read", "source-not-allowed", &self.sources, field, place)
    }

    /// Refuses to write below a location.
    pub(crate) fn may_write(&self, field: &str, place: &Location) -> Result<(), ApiError> {
        let code = "destination-not-allowed";
        self.may("write", code, &self.destinations, field, &place.to_string())
    }

    fn may(&self, verb: &str, code: &'static str, reach: &Reach, field: &str, place: &str) -> Result<(), ApiError> {
        if reach.holds(place) {
            return Ok(());
        }
        Err(ApiError::Forbidden {
            code,
            field: Some(field.to_owned()),
            message: format!("{field} is {place}, but key {} may {verb} {reach}", self.name),
        })
    }
}
