use tonic::Code;
use velatura_coordinator::{Access, Host};
use velatura_proto::v1;

use super::{client, guarded, key, wanted};
use crate::bench::{Setup, eventually};

#[tokio::test]
async fn without_a_key_there_is_nothing_but_probes() {
    let bench = guarded().await;
    let answer = bench.client.get("/v1/jobs").await;
    assert_eq!(answer.error(), (401, "key-missing".into()));
    assert_eq!(answer.headers["www-authenticate"], r#"Bearer realm="velatura""#);
    let answer = bench.client.post_json("/v1/jobs", &bench.request()).await;
    assert_eq!(answer.error(), (401, "key-missing".into()));
    for probe in ["/healthz", "/metrics"] {
        assert_eq!(bench.client.get(probe).await.status, 200, "{probe}");
    }
    let status = bench.grpc().await.submit_job(bench.request()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(status.metadata().get("velatura-code").unwrap(), "key-missing");
    assert_eq!(bench.ledger.jobs(None, None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_key_opens_both_edges() {
    let bench = guarded().await;
    let created = key(&bench, &wanted(&bench, "default", &["submit", "read"])).await;
    let job = bench.client.with_key(&created.secret).submit(&bench.request()).await;

    let mut request = tonic::Request::new(v1::GetJobRequest { id: job.id.clone() });
    let bearer = format!("Bearer {}", created.secret).parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    assert_eq!(
        bench.grpc().await.get_job(request).await.unwrap().into_inner().id,
        job.id
    );
}

#[tokio::test]
async fn an_unknown_a_revoked_and_an_expired_key_are_refused() {
    let bench = guarded().await;
    let host = Host::new(bench.ledger.clone());
    let created = key(&bench, &wanted(&bench, "default", &["read"])).await;
    let other = key(&bench, &wanted(&bench, "default", &["read"])).await;
    // One key's id with another's secret.
    let (head, _) = created.secret.rsplit_once('_').unwrap();
    let (_, tail) = other.secret.rsplit_once('_').unwrap();
    for unknown in [format!("{head}_{tail}"), "vel_nonsense".to_owned(), "Zm9v".to_owned()] {
        let answer = bench.client.with_key(&unknown).get("/v1/jobs").await;
        assert_eq!(answer.error(), (401, "key-unknown".into()), "{unknown}");
        assert!(
            answer.headers["www-authenticate"]
                .to_str()
                .unwrap()
                .contains("invalid_token")
        );
    }

    let client = bench.client.with_key(&created.secret);
    assert_eq!(client.get("/v1/jobs").await.status, 200);
    host.revoke_key(&created.key.unwrap().id).await.unwrap();
    eventually("the revoked key is refused", async || {
        let answer = client.get("/v1/jobs").await;
        answer.status == 401 && answer.error().1 == "key-revoked"
    })
    .await;

    let mut expired = bench.ledger.key(&other.key.unwrap().id).await.unwrap().unwrap();
    let (id, secret) = ("0123456789abcdef", "ab".repeat(32));
    expired.id = id.to_owned();
    expired.hash = blake3::hash(secret.as_bytes()).to_hex().to_string();
    expired.expires_at = Some(1);
    bench.ledger.add_key(&expired).await.unwrap();
    let answer = bench
        .client
        .with_key(&format!("vel_{id}_{secret}"))
        .get("/v1/jobs")
        .await;
    assert_eq!(answer.error(), (401, "key-expired".into()));
}

#[tokio::test]
async fn a_secret_is_told_once_and_only_its_hash_is_kept() {
    let bench = guarded().await;
    let operator = client(&bench, "default", &["operate"]).await;
    let answer = operator
        .post_json("/v1/keys", &wanted(&bench, "default", &["read"]))
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let created: v1::CreatedKey = serde_json::from_str(&answer.text).unwrap();
    let secret = created.secret.rsplit('_').next().unwrap();
    assert_eq!(secret.len(), 64);
    let listed = operator.get("/v1/keys").await;
    assert!(listed.text.contains(&created.key.unwrap().id) && !listed.text.contains(secret));
    assert!(!format!("{:?}", bench.ledger.keys().await.unwrap()).contains(secret));
}

#[tokio::test]
async fn the_last_use_is_known() {
    let bench = guarded().await;
    let created = key(&bench, &wanted(&bench, "default", &["read"])).await;
    let client = bench.client.with_key(&created.secret);
    for _ in 0..3 {
        client.get("/v1/jobs").await;
    }
    let id = created.key.unwrap().id;
    assert!(bench.ledger.key(&id).await.unwrap().unwrap().last_used_at.is_some());
}

#[tokio::test]
async fn each_role_may_what_it_is_for() {
    let bench = guarded().await;
    let id = "01890000-0000-7000-8000-000000000000";
    let (cancel, revoke) = (format!("/v1/jobs/{id}/cancel"), format!("/v1/keys/{id}/revoke"));
    // Which roles get past the question whether they may; operate always does.
    let cases = [
        ("GET", "/v1/jobs", &["read"][..]),
        ("POST", "/v1/jobs", &["submit"]),
        ("POST", &cancel, &["submit"]),
        ("GET", "/v1/backlog", &["monitor"]),
        ("GET", "/v1/keys", &[]),
        ("POST", "/v1/keys", &[]),
        ("POST", &revoke, &[]),
        ("GET", "/v1/tenants", &[]),
        ("PUT", "/v1/tenants/acme", &[]),
    ];
    for role in ["submit", "read", "monitor", "operate"] {
        let client = client(&bench, "default", &[role]).await;
        for (method, path, allowed) in cases {
            let answer = client.send(method, path, Some("application/json"), "{}").await;
            let refused = answer.status == 403 && answer.error().1 == "role-missing";
            assert_eq!(
                refused,
                role != "operate" && !allowed.contains(&role),
                "{role} {method} {path}: {answer:?}"
            );
        }
    }
    let reader = client(&bench, "default", &["read"]).await;
    let answer = reader.post_json("/v1/jobs", &bench.request()).await;
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("needs the role submit") && message.contains("has read"),
        "{message}"
    );
}

#[tokio::test]
async fn what_is_no_key_or_tenant_is_refused_by_field() {
    let bench = guarded().await;
    let operator = client(&bench, "default", &["operate"]).await;
    let good = wanted(&bench, "default", &["submit"]);
    type Spoil = fn(&mut v1::CreateKeyRequest);
    let spoilt: [(&str, &str, Spoil); 5] = [
        ("role-unknown", "roles[0]", |r| r.roles = vec!["root".into()]),
        ("roles-missing", "roles", |r| r.roles.clear()),
        ("location-invalid", "sources[0]", |r| r.sources = vec!["*".into()]),
        ("places-missing", "destinations", |r| r.destinations.clear()),
        ("tenant-not-found", "tenant", |r| r.tenant = "nobody".into()),
    ];
    for (code, field, spoil) in spoilt {
        let mut request = good.clone();
        spoil(&mut request);
        let answer = operator.post_json("/v1/keys", &request).await;
        assert_eq!(answer.error(), (422, code.to_owned()));
        assert_eq!(answer.json()["error"]["field"], field);
    }
    for (path, body) in [("/v1/tenants/A%20B", "{}"), ("/v1/tenants/acme", r#"{"weight": 0}"#)] {
        let answer = operator.send("PUT", path, Some("application/json"), body).await;
        assert_eq!(answer.status, 422, "{path} {body}");
    }
}

#[tokio::test]
async fn with_keys_it_serves_beyond_loopback() {
    let mut setup = Setup::new().await;
    setup.config.access = Access::Keys;
    setup.config.listen = "0.0.0.0:0".parse().unwrap();
    assert!(setup.coordinator().start(Default::default()).await.is_ok());
}
