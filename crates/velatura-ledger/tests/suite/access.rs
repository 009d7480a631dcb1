use velatura_ledger::{ApiKey, LedgerError, Tenant};

use super::*;

fn key(id: &str) -> ApiKey {
    ApiKey {
        id: id.to_owned(),
        tenant: "default".to_owned(),
        description: "the nightly import".to_owned(),
        hash: "a hash".to_owned(),
        roles: vec!["submit".to_owned(), "read".to_owned()],
        sources: vec!["s3://photos/2024/".to_owned()],
        destinations: Vec::new(),
        created_at: NOW,
        expires_at: Some(NOW + 1000),
        revoked_at: None,
        last_used_at: None,
    }
}

pub async fn the_default_tenant_is_always_there(ledger: &Opened) {
    assert_eq!(ledger.tenants().await.unwrap(), [Tenant::new("default")]);
}

pub async fn a_tenant_is_recorded_and_changed(ledger: &Opened) {
    let mut tenant = Tenant {
        weight: 2.5,
        max_running: Some(64),
        max_open_jobs: Some(3),
        max_tasks_per_job: Some(1_000_000),
        submissions_per_minute: Some(10),
        ..Tenant::new("acme")
    };
    ledger.put_tenant(&tenant).await.unwrap();
    assert_eq!(
        ledger.tenants().await.unwrap(),
        [tenant.clone(), Tenant::new("default")]
    );
    tenant.max_running = None;
    tenant.weight = 1.0;
    ledger.put_tenant(&tenant).await.unwrap();
    assert_eq!(ledger.tenants().await.unwrap(), [tenant, Tenant::new("default")]);
}

pub async fn a_key_is_recorded_whole(ledger: &Opened) {
    let (one, mut two) = (key("one"), key("two"));
    two.created_at += 1;
    two.expires_at = None;
    ledger.add_key(&one).await.unwrap();
    ledger.add_key(&two).await.unwrap();
    assert_eq!(ledger.key("one").await.unwrap(), Some(one.clone()));
    assert_eq!(ledger.key("three").await.unwrap(), None);
    assert_eq!(ledger.keys().await.unwrap(), [two, one]);
}

pub async fn a_key_of_an_unknown_tenant_is_refused(ledger: &Opened) {
    let stray = ApiKey {
        tenant: "nobody".to_owned(),
        ..key("one")
    };
    let refused = ledger.add_key(&stray).await.unwrap_err();
    assert_eq!(refused, LedgerError::NoTenant("nobody".to_owned()));
    assert_eq!(ledger.keys().await.unwrap(), []);
}

pub async fn a_key_is_revoked_once(ledger: &Opened) {
    ledger.add_key(&key("one")).await.unwrap();
    let revoked = ledger.revoke_key("one", NOW + 5).await.unwrap().unwrap();
    assert_eq!(revoked.revoked_at, Some(NOW + 5));
    assert_eq!(ledger.revoke_key("one", NOW + 9).await.unwrap(), Some(revoked));
    assert_eq!(ledger.revoke_key("two", NOW).await.unwrap(), None);
}

pub async fn the_last_use_never_goes_back(ledger: &Opened) {
    ledger.add_key(&key("one")).await.unwrap();
    ledger.touch_key("one", NOW + 9).await.unwrap();
    ledger.touch_key("one", NOW + 5).await.unwrap();
    assert_eq!(ledger.key("one").await.unwrap().unwrap().last_used_at, Some(NOW + 9));
}
