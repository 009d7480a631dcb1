use std::sync::Arc;

use axum::http::HeaderMap;

use super::Jobs;
use crate::access::{Admin, Caller};
use crate::error::ApiError;
use crate::webhooks::Webhooks;

impl Jobs {
    /// Who sends a request, by its headers; both edges send the same ones.
    pub(crate) async fn caller(&self, headers: &HeaderMap) -> Result<Caller, ApiError> {
        self.context.keyring.caller(&*self.context.ledger, headers).await
    }

    /// Who is told what happens to jobs.
    pub(crate) fn webhooks(&self) -> Webhooks {
        Webhooks::new(Arc::clone(&self.context.ledger), Arc::clone(&self.context.sender))
    }

    /// Keys and tenants.
    pub(crate) fn admin(&self) -> Admin {
        Admin::new(Arc::clone(&self.context.ledger))
    }
}
