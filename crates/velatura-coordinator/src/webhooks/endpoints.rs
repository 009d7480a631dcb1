use std::sync::Arc;

use uuid::Uuid;
use velatura_ledger::{Ledger, Webhook};
use velatura_proto::v1;

use super::{Sender, secret};
use crate::access::audit::audited;
use crate::access::{Caller, Role};
use crate::context::{now, rfc3339};
use crate::error::ApiError;
use crate::submission::Refusal;

/// The most addresses of one tenant: each is told of every job.
const MOST: usize = 20;

/// The addresses that are told, as both edges manage them.
#[derive(Debug)]
pub(crate) struct Webhooks {
    ledger: Arc<dyn Ledger>,
    sender: Arc<Sender>,
}

impl Webhooks {
    pub(crate) fn new(ledger: Arc<dyn Ledger>, sender: Arc<Sender>) -> Self {
        Self { ledger, sender }
    }

    /// Records an address for the caller's tenant, and tells its secret, this once.
    pub(crate) async fn create(
        &self,
        caller: &Caller,
        request: &v1::CreateWebhookRequest,
    ) -> Result<v1::CreatedWebhook, ApiError> {
        let id = format!("wh_{}", Uuid::new_v4().simple());
        let created = async {
            caller.must(Role::Submit)?;
            let url = self
                .sender
                .check(&request.url)
                .map_err(|message| Refusal::new("webhook-url-refused", "url", message))?;
            if self.ledger.webhooks(Some(&caller.tenant)).await?.len() >= MOST {
                let message = format!("tenant {} has {MOST} webhooks already: delete one first", caller.tenant);
                return Err(Refusal::new("webhooks-too-many", "url", message).into());
            }
            let webhook = Webhook {
                id: id.clone(),
                tenant: caller.tenant.clone(),
                url: url.to_string(),
                secret: secret::random(),
                created_at: now(),
                disabled_at: None,
                error: String::new(),
            };
            self.ledger.add_webhook(&webhook).await?;
            Ok(v1::CreatedWebhook {
                secret: webhook.secret.clone(),
                webhook: Some(view(webhook)),
            })
        };
        audited(caller, "webhook.create", &id, created).await
    }

    pub(crate) async fn list(&self, caller: &Caller) -> Result<v1::ListWebhooksResponse, ApiError> {
        caller.must(Role::Read)?;
        let webhooks = self.ledger.webhooks(caller.scope()).await?;
        Ok(v1::ListWebhooksResponse {
            webhooks: webhooks.into_iter().map(view).collect(),
        })
    }

    pub(crate) async fn delete(&self, caller: &Caller, id: &str) -> Result<v1::Webhook, ApiError> {
        let deleted = async {
            caller.must(Role::Submit)?;
            let known = self.ledger.webhooks(caller.scope()).await?;
            let webhook = known.into_iter().find(|webhook| webhook.id == id);
            let webhook = webhook.ok_or_else(|| ApiError::NoWebhook(id.to_owned()))?;
            self.ledger.delete_webhook(id).await?;
            Ok(view(webhook))
        };
        audited(caller, "webhook.delete", id, deleted).await
    }
}

fn view(webhook: Webhook) -> v1::Webhook {
    v1::Webhook {
        id: webhook.id,
        tenant: webhook.tenant,
        url: webhook.url,
        created_at: rfc3339(webhook.created_at),
        disabled_at: webhook.disabled_at.map(rfc3339).unwrap_or_default(),
        error: webhook.error,
    }
}
