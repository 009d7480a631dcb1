//! `velatura.v1.Webhooks` over gRPC.

use tonic::Request;
use velatura_proto::v1;
use velatura_proto::v1::webhooks_server::Webhooks as WebhooksService;

use super::{Answer, Edge, caller};

#[tonic::async_trait]
impl WebhooksService for Edge {
    async fn create_webhook(&self, request: Request<v1::CreateWebhookRequest>) -> Answer<v1::CreatedWebhook> {
        let created = self.0.webhooks().create(&caller(&request)?, request.get_ref()).await;
        self.answer("CreateWebhook", created)
    }

    async fn list_webhooks(&self, request: Request<v1::ListWebhooksRequest>) -> Answer<v1::ListWebhooksResponse> {
        self.answer("ListWebhooks", self.0.webhooks().list(&caller(&request)?).await)
    }

    async fn delete_webhook(&self, request: Request<v1::DeleteWebhookRequest>) -> Answer<v1::Webhook> {
        let deleted = self
            .0
            .webhooks()
            .delete(&caller(&request)?, &request.get_ref().id)
            .await;
        self.answer("DeleteWebhook", deleted)
    }
}
