//! The configuration: what is refused, and what is never shown.

use velatura_queue::{BrokerUrl, QueueConfig, RabbitMq};

fn parse(text: &str) -> Result<QueueConfig, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

#[test]
fn an_empty_configuration_means_a_broker_on_this_machine() {
    let config = parse("").unwrap();
    assert_eq!(format!("{:?}", config.urls), "[amqp://guest@localhost:5672]");
    assert!(config.management_url.is_none());
}

#[test]
fn a_password_is_never_shown() {
    let config = parse(
        r#"
        urls = ["amqps://painter:s3cret@broker.example:5671/glaze"]
        management_url = "https://painter:s3cret@broker.example:15671/"
        "#,
    )
    .unwrap();
    let shown = format!(
        "{config:?} {} {}",
        config.urls[0],
        config.management_url.as_ref().unwrap()
    );
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(shown.contains("amqps://painter@broker.example:5671/glaze"), "{shown}");
}

#[test]
fn an_address_that_can_not_be_read_is_refused_without_showing_it() {
    for url in [
        "painter:s3cret@broker",
        "http://painter:s3cret@broker",
        "amqp://painter:s3cret@",
        "amqp://a:s3cret@b:x",
    ] {
        let refused = parse(&format!("urls = [{url:?}]")).unwrap_err();
        assert!(refused.contains("must look like amqp://"), "{refused}");
        let refused = url.parse::<BrokerUrl>().unwrap_err();
        assert_eq!(refused.code(), "queue-config");
        assert!(!format!("{refused:?} {refused}").contains("s3cret"), "{refused}");
    }
}

#[test]
fn an_unknown_key_is_refused() {
    let refused = parse("publish_timeout = 3").unwrap_err();
    assert!(refused.contains("publish_timeout_seconds"), "{refused}");
}

#[test]
fn addresses_of_every_kind_are_read() {
    let cases = [
        ("amqp://broker", "amqp://guest@broker:5672"),
        ("amqp://broker/", "amqp://guest@broker:5672"),
        ("amqp://broker/%2f", "amqp://guest@broker:5672"),
        ("amqps://a%40b:c%2Fd@broker/team", "amqps://a@b@broker:5671/team"),
        ("amqp://[::1]:5673", "amqp://guest@[::1]:5673"),
        ("amqp://10.0.0.7", "amqp://guest@10.0.0.7:5672"),
    ];
    for (url, shown) in cases {
        assert_eq!(url.parse::<BrokerUrl>().unwrap().to_string(), shown, "{url}");
    }
}

#[tokio::test]
async fn times_that_make_no_sense_are_refused_before_connecting() {
    for text in [
        "urls = []",
        "publish_timeout_seconds = 0",
        "heartbeat_seconds = 601",
        "connect_timeout_seconds = 0",
    ] {
        let refused = RabbitMq::start(&parse(text).unwrap()).unwrap_err();
        assert_eq!(refused.code(), "queue-config");
        assert!(
            refused.to_string().starts_with(text.split(' ').next().unwrap()),
            "{refused}"
        );
    }
}
