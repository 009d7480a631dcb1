use tonic::Request;
use velatura_proto::v1;
use velatura_proto::v1::manifests_server::Manifests;

use super::{Answer, Edge, caller};

#[tonic::async_trait]
impl Manifests for Edge {
    async fn keep_manifest(&self, request: Request<v1::KeepManifestRequest>) -> Answer<v1::StoredManifest> {
        let caller = caller(&request)?;
        let kept = self.0.keep_manifest(&caller, request.into_inner()).await;
        self.answer("KeepManifest", kept)
    }
}
