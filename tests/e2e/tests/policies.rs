//! `velatura policies`, as an operator types it.

use anyhow::Result;
use velatura_e2e::{Ran, velatura};
use velatura_testkit::free_port;
use velatura_testkit::rabbitmq::{RabbitMq, Version};

fn policies(arguments: &[&str], management: &str, code: u8) -> Ran {
    let address = ["--management-url", management];
    let ran = velatura(&[&["policies"], arguments, &address].concat());
    assert_eq!(ran.code, i32::from(code), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    ran
}

#[test]
fn they_are_shown_set_once_and_shown_again() -> Result<()> {
    let broker = RabbitMq::start(Version::V3_10)?;
    let admin = broker.management_url();
    let shown = policies(&["show"], &admin, 1);
    assert!(
        shown.stdout.contains("RabbitMQ 3.10") && shown.stdout.contains("missing"),
        "{}",
        shown.stdout
    );
    let setting = "delivery-limit           there -, wanted 20";
    assert!(shown.stdout.contains(setting), "{}", shown.stdout);

    let tried = policies(&["apply", "--dry-run"], &admin, 1);
    assert!(tried.stdout.contains("would be set"), "{}", tried.stdout);
    assert_eq!(
        broker.api("GET", "/api/policies/%2F", "")?,
        "[]",
        "a dry run changes nothing"
    );

    policies(&["apply"], &admin, 0);
    let shown = policies(&["show"], &admin, 0);
    assert_eq!(shown.stdout.matches("as wanted").count(), 2, "{}", shown.stdout);
    policies(&["apply", "--dry-run"], &admin, 0);
    policies(&["apply"], &admin, 0);

    let stranger = admin.replace("http://", "http://operator:hunter2@");
    let refused = policies(&["show"], &stranger, 2);
    assert!(
        refused.stderr.contains("correct user and password"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains("hunter2"), "{}", refused.stderr);
    Ok(())
}

#[test]
fn without_a_management_api_they_say_what_is_missing() {
    let refused = policies(&["show"], &format!("http://127.0.0.1:{}", free_port()), 2);
    assert!(
        refused.stderr.contains("rabbitmq-plugins enable rabbitmq_management"),
        "{}",
        refused.stderr
    );
    let ran = velatura(&["policies", "show"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("management_url"), "{}", ran.stderr);
}
