//! Keys: who may ask what, and how a coordinator says no.

mod audit;
mod keys;
mod limits;
mod places;
mod tenants;

use velatura_coordinator::{Access, Host};
use velatura_proto::v1;

use crate::bench::{Bench, Client, Setup};

/// A coordinator that wants to see keys.
async fn guarded() -> Bench {
    let mut setup = Setup::new().await.photos(["a.jpg", "b.jpg"]);
    setup.config.access = Access::Keys;
    setup.start().await
}

/// A key of these roles for everything in the bench's folder.
fn wanted(bench: &Bench, tenant: &str, roles: &[&str]) -> v1::CreateKeyRequest {
    v1::CreateKeyRequest {
        tenant: tenant.to_owned(),
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        sources: vec![bench.url("photos")],
        destinations: vec![bench.url("painted")],
        ..Default::default()
    }
}

async fn key(bench: &Bench, request: &v1::CreateKeyRequest) -> v1::CreatedKey {
    let host = Host::new(bench.ledger.clone());
    if request.tenant != "default" {
        let tenant = v1::Tenant {
            name: request.tenant.clone(),
            ..Default::default()
        };
        host.put_tenant(tenant).await.unwrap();
    }
    host.create_key(request).await.unwrap()
}

/// A client with a key of these roles.
async fn client(bench: &Bench, tenant: &str, roles: &[&str]) -> Client {
    let created = key(bench, &wanted(bench, tenant, roles)).await;
    bench.client.with_key(&created.secret)
}
