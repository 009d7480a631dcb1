//! Policies, compared and set through the management API.

use serde_json::json;
use velatura_queue::{Compared, Policies, QueueError};
use velatura_testkit::free_port;

use crate::setting::{Setting, config, eventually};
use crate::{Claims, claims};

pub(crate) fn claims() -> Claims<Setting> {
    claims![
        missing_policies_are_set_once_and_then_left_alone,
        a_changed_policy_is_told_by_setting_and_set_back,
        somebody_elses_policy_that_goes_before_ours_is_named,
        whoever_may_not_set_policies_is_told_what_is_missing,
        a_management_api_that_is_not_there_is_a_sentence_with_the_remedy,
    ]
}

fn policies(setting: &Setting) -> Policies {
    Policies::new(&config(&setting.url(), Some(&setting.server().management_url()))).unwrap()
}

async fn missing_policies_are_set_once_and_then_left_alone(setting: Setting) {
    let policies = policies(&setting);
    let before = policies.compare().await.unwrap();
    assert!(
        before.version.starts_with(&setting.server().version().to_string()),
        "{before:?}"
    );
    assert_eq!(before.vhost, setting.vhost());
    assert!(
        before.policies.iter().all(|policy| policy.there.is_none()),
        "{before:?}"
    );
    assert!(!before.is_as_wanted());

    assert_eq!(
        policies.apply().await.unwrap(),
        before,
        "it tells what was there before"
    );
    let after = policies.compare().await.unwrap();
    assert!(after.is_as_wanted(), "{after:?}");
    assert!(policies.apply().await.unwrap().is_as_wanted());
}

async fn a_changed_policy_is_told_by_setting_and_set_back(setting: Setting) {
    let policies = policies(&setting);
    policies.apply().await.unwrap();
    let theirs = json!({
        "pattern": "^velatura\\.dead\\.v1$", "apply-to": "queues", "priority": 3,
        "definition": { "delivery-limit": 7, "max-length": 9 },
    });
    let path = format!("/api/policies/{}/velatura-dead", setting.vhost());
    setting.server().api("PUT", &path, &theirs.to_string()).unwrap();

    let changed = policies.compare().await.unwrap();
    let differences: Vec<_> = changed.policies.iter().flat_map(Compared::differences).collect();
    let said: Vec<_> = differences
        .iter()
        .map(|one| (one.setting.as_str(), one.there.clone(), one.wanted.clone()))
        .collect();
    assert_eq!(
        said,
        [
            ("delivery-limit", Some(json!(7)), Some(json!(1_000_000))),
            ("max-length", Some(json!(9)), None),
            ("priority", Some(json!(3)), Some(json!(10))),
        ]
    );
    policies.apply().await.unwrap();
    assert!(policies.compare().await.unwrap().is_as_wanted());
}

async fn somebody_elses_policy_that_goes_before_ours_is_named(setting: Setting) {
    let policies = policies(&setting);
    setting.broker.declare(&setting.tasks).await.unwrap();
    policies.apply().await.unwrap();
    let theirs = json!({ "pattern": ".*", "priority": 99, "definition": { "max-length": 5 } });
    let path = format!("/api/policies/{}/ours-goes-first", setting.vhost());
    setting.server().api("PUT", &path, &theirs.to_string()).unwrap();

    let queue = setting.tasks.to_string();
    let mut last = None;
    let named = eventually(async || {
        let comparison = policies.compare().await.unwrap();
        let named = comparison
            .overruled
            .get(&queue)
            .is_some_and(|policy| policy == "ours-goes-first");
        let told = named && !comparison.is_as_wanted();
        last = Some(comparison);
        told
    });
    named.await.unwrap_or_else(|()| panic!("{last:?}"));
}

async fn whoever_may_not_set_policies_is_told_what_is_missing(setting: Setting) {
    let refused = async |user: &str, password: &str| -> String {
        let url = setting.url().replace("guest:guest", &format!("{user}:{password}"));
        let config = config(&url, Some(&setting.server().management_url()));
        let error = Policies::new(&config).unwrap().apply().await.expect_err("it may not");
        assert_eq!(error.code(), "queue-denied", "{error}");
        let sentence = error.to_string();
        assert!(!sentence.contains("s3cret") && sentence.contains(user), "{sentence}");
        sentence
    };
    let sentence = refused("guest", "s3cret").await;
    assert!(sentence.contains("correct user and password"), "{sentence}");

    let server = setting.server();
    for tags in ["", "management"] {
        let user = format!("plain-{tags}-{}", setting.vhost());
        let account = json!({ "password": "s3cret", "tags": tags });
        server
            .api("PUT", &format!("/api/users/{user}"), &account.to_string())
            .unwrap();
        let everything = r#"{"configure":".*","write":".*","read":".*"}"#;
        server
            .api(
                "PUT",
                &format!("/api/permissions/{}/{user}", setting.vhost()),
                everything,
            )
            .unwrap();
        let sentence = refused(&user, "s3cret").await;
        assert!(sentence.contains("rabbitmqctl set_user_tags"), "{tags:?}: {sentence}");
    }
}

async fn a_management_api_that_is_not_there_is_a_sentence_with_the_remedy(setting: Setting) {
    let refused = async |url: &str, management: Option<&str>| -> QueueError {
        match Policies::new(&config(url, management)) {
            Ok(policies) => policies.compare().await.expect_err("there is none"),
            Err(error) => error,
        }
    };
    let named = |error: &QueueError, parts: &[&str]| {
        let sentence = error.to_string();
        assert!(parts.iter().all(|part| sentence.contains(part)), "{sentence}");
    };
    let server = setting.server();
    let nobody = format!("http://127.0.0.1:{}", free_port());
    named(&refused(&setting.url(), None).await, &["management_url", "15672"]);
    named(
        &refused(&setting.url(), Some(&nobody)).await,
        &["management_url", "rabbitmq-plugins enable"],
    );
    // The broker itself does not speak HTTP.
    let amqp = server.url().replace("amqp://guest:guest@", "http://");
    named(&refused(&setting.url(), Some(&amqp)).await, &["management_url"]);
    // A web server that is not a management API: its pages are below another path.
    let elsewhere = format!("{}/elsewhere", server.management_url());
    named(
        &refused(&setting.url(), Some(&elsewhere)).await,
        &["management_url", "15672"],
    );
    let nowhere = format!("{}/nowhere", server.url());
    named(
        &refused(&nowhere, Some(&server.management_url())).await,
        &["nowhere", "rabbitmqctl add_vhost"],
    );
}
