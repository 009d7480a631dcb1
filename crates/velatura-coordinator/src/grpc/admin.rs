//! `velatura.v1.Admin`: keys and tenants over gRPC.

use tonic::Request;
use velatura_proto::v1;
use velatura_proto::v1::admin_server::Admin as AdminService;

use super::{Answer, Edge, caller};

#[tonic::async_trait]
impl AdminService for Edge {
    async fn create_key(&self, request: Request<v1::CreateKeyRequest>) -> Answer<v1::CreatedKey> {
        let created = self.0.admin().create_key(&caller(&request)?, request.get_ref()).await;
        self.answer("CreateKey", created)
    }

    async fn list_keys(&self, request: Request<v1::ListKeysRequest>) -> Answer<v1::ListKeysResponse> {
        self.answer("ListKeys", self.0.admin().list_keys(&caller(&request)?).await)
    }

    async fn revoke_key(&self, request: Request<v1::RevokeKeyRequest>) -> Answer<v1::ApiKey> {
        let revoked = self
            .0
            .admin()
            .revoke_key(&caller(&request)?, &request.get_ref().id)
            .await;
        self.answer("RevokeKey", revoked)
    }

    async fn put_tenant(&self, request: Request<v1::Tenant>) -> Answer<v1::Tenant> {
        let put = self
            .0
            .admin()
            .put_tenant(&caller(&request)?, request.into_inner())
            .await;
        self.answer("PutTenant", put)
    }

    async fn list_tenants(&self, request: Request<v1::ListTenantsRequest>) -> Answer<v1::ListTenantsResponse> {
        self.answer("ListTenants", self.0.admin().list_tenants(&caller(&request)?).await)
    }
}
