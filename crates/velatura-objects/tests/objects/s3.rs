//! What S3 promises beyond the suite: errors, outages, broken connections, and what goes over the wire.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::time;
use velatura_objects::{Compat, ObjectError, PutOptions, S3Config, probe};
use velatura_testkit::s3::S3;

use crate::places::{
    bucket, bucket_name, bucket_of, bucket_that_is_not_there, impatient, keys, list_all, put, s3_config, text,
    without_retries,
};
use crate::scripted::{Answer, Scripted, chunked, error, ok};

#[tokio::test]
async fn an_unknown_bucket_is_named() {
    let store = bucket_that_is_not_there();
    for error in [
        store.head("a").await.unwrap_err(),
        store.get("a", 1).await.unwrap_err(),
        store.put("a", Bytes::new(), PutOptions::default()).await.unwrap_err(),
        store.delete("a").await.unwrap_err(),
        store.list("", None, 1).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), "bucket-not-found", "{error}");
        assert!(!error.is_transient());
        let message = error.to_string();
        assert!(
            message.starts_with("s3://bucket-") && message.contains("/ does not exist: create it"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn keys_that_no_folder_holds_are_fine() {
    let place = bucket();
    let store = &*place.store;
    let long = "l".repeat(300);
    let odd = ["a", "a/", "a/./b", "a//b", "a/b", &long];
    for key in odd {
        put(store, key, key).await;
    }
    for key in odd {
        assert_eq!(text(store, key).await, key);
    }
    assert_eq!(keys(&list_all(store, "", 2).await), odd);
}

#[tokio::test]
async fn wrong_credentials_are_denied() {
    let server = S3::start_checking_credentials().unwrap();
    let store = bucket_of(s3_config(&server.endpoint()), "photos");
    for error in [
        store.head("a").await.unwrap_err(),
        store.get("a", 1).await.unwrap_err(),
        store.put("a", Bytes::new(), PutOptions::default()).await.unwrap_err(),
        store.delete("a").await.unwrap_err(),
        store.list("", None, 1).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), "access-denied", "{error}");
        assert!(!error.is_transient());
        assert!(error.to_string().contains("check the credentials"), "{error}");
    }
    let message = probe(&*store, "").await.unwrap_err().to_string();
    assert!(
        message.contains("PUT failed: access to s3://photos/velatura-probe-"),
        "{message}"
    );
}

#[tokio::test]
async fn half_of_the_credentials_is_a_mistake_in_the_configuration() {
    let config = S3Config {
        secret_access_key: None,
        ..s3_config("http://127.0.0.1:1")
    };
    let error = bucket_of(config, "photos").head("a").await.unwrap_err();
    assert_eq!(error.code(), "objects-config-invalid");
    assert!(
        error
            .to_string()
            .contains("s3.access_key_id needs s3.secret_access_key"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_unavailable_in_time_and_then_used_again() {
    let server = S3::start().unwrap();
    server.create_bucket("photos").unwrap();
    put(&*bucket_of(s3_config(&server.endpoint()), "photos"), "a", "x").await;
    let store = bucket_of(impatient(&server.endpoint()), "photos");
    server.pause().unwrap();
    let start = Instant::now();
    for error in [
        store.get("a", 1).await.unwrap_err(),
        store.head("a").await.unwrap_err(),
        store.put("b", Bytes::new(), PutOptions::default()).await.unwrap_err(),
        store.list("", None, 1).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), "storage-unavailable", "{error}");
        assert!(error.is_transient());
        assert!(error.to_string().contains(&server.endpoint()), "{error}");
    }
    assert!(
        start.elapsed() < Duration::from_secs(15),
        "four requests of a second each took {:?}",
        start.elapsed()
    );
    server.resume().unwrap();
    // On a busy machine the answers may take more than its second for a while.
    let recovered = time::timeout(Duration::from_secs(60), async {
        while store.get("a", 1).await.is_err() {}
    })
    .await;
    assert!(recovered.is_ok(), "the same store did not work again");
}

#[tokio::test]
async fn a_server_that_is_gone_is_named_and_found_again() {
    let mut server = S3::start().unwrap();
    server.create_bucket("photos").unwrap();
    let store = bucket_of(without_retries(&server.endpoint()), "photos");
    put(&*store, "a", "x").await;
    server.kill();
    let error = store.get("a", 1).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    let message = error.to_string();
    assert!(message.starts_with("s3://photos/a can't be reached"), "{message}");
    assert!(
        message.contains(&server.endpoint()) && message.contains("Connection refused"),
        "{message}"
    );
    server.start_again().unwrap();
    assert_eq!(
        store.get("a", 1).await.unwrap_err().code(),
        "bucket-not-found",
        "it comes back empty"
    );
    server.create_bucket("photos").unwrap();
    put(&*store, "a", "y").await;
    assert_eq!(text(&*store, "a").await, "y");
}

#[tokio::test]
async fn a_short_outage_is_bridged_by_retries() {
    let place = Scripted::start([Answer::Bytes(error(503, "SlowDown")), Answer::Bytes(ok(1, "x"))]).await;
    let store = bucket_of(s3_config(&place.endpoint), "photos");
    assert_eq!(text(&*store, "a").await, "x");
}

#[tokio::test]
async fn a_server_that_asks_for_patience_is_throttling() {
    let place = Scripted::start([Answer::Bytes(error(503, "SlowDown"))]).await;
    let error = bucket_of(without_retries(&place.endpoint), "photos")
        .get("a", 1)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "storage-throttled");
    assert!(error.is_transient());
    assert!(error.to_string().contains("SlowDown: It says so"), "{error}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_asked_for_again() {
    let place = Scripted::start([Answer::Bytes(ok(10, "0123")), Answer::Bytes(ok(10, "0123456789"))]).await;
    let store = bucket_of(s3_config(&place.endpoint), "photos");
    assert_eq!(text(&*store, "a").await, "0123456789");
    assert_eq!(place.requests().len(), 2);
}

#[tokio::test]
async fn a_body_that_stays_broken_is_unavailable() {
    let place = Scripted::start([Answer::Bytes(ok(10, "0123"))]).await;
    let error = bucket_of(without_retries(&place.endpoint), "photos")
        .get("a", 10)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "storage-unavailable", "{error}");
    assert!(error.to_string().contains("broke off"), "{error}");
}

#[tokio::test]
async fn a_body_that_stops_coming_is_unavailable_in_time() {
    let place = Scripted::start([Answer::Hang(ok(10, "0123"))]).await;
    let start = Instant::now();
    let error = bucket_of(impatient(&place.endpoint), "photos")
        .get("a", 10)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "storage-unavailable", "{error}");
    assert!(error.to_string().contains("did not deliver it within 1s"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[tokio::test]
async fn an_object_that_says_it_is_too_large_is_not_read() {
    let place = Scripted::start([Answer::Hang(ok(1 << 40, ""))]).await;
    match bucket_of(without_retries(&place.endpoint), "photos")
        .get("a", 10)
        .await
        .unwrap_err()
    {
        ObjectError::TooLarge { size_bytes, .. } => assert_eq!(size_bytes, 1 << 40),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_object_that_does_not_say_how_large_it_is_stops_at_the_limit() {
    let whole = Scripted::start([Answer::Bytes(chunked(&["01234", "56789"]))]).await;
    assert_eq!(
        text(&*bucket_of(without_retries(&whole.endpoint), "photos"), "a").await,
        "0123456789"
    );
    let large = Scripted::start([Answer::Bytes(chunked(&["01234", "56789", "x"]))]).await;
    match bucket_of(without_retries(&large.endpoint), "photos")
        .get("a", 10)
        .await
        .unwrap_err()
    {
        ObjectError::TooLarge { limit_bytes, .. } => assert_eq!(limit_bytes, 10),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn what_answers_but_is_no_s3_is_said() {
    let page = "<html>hello</html>";
    let place = Scripted::start([Answer::Bytes(ok(page.len(), page))]).await;
    let error = bucket_of(without_retries(&place.endpoint), "photos")
        .list("", None, 1)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("gave no S3 answer"), "{error}");
}

#[tokio::test]
async fn media_type_and_metadata_go_with_the_put_and_checksums_only_to_aws() {
    for (compat, checksum) in [(Compat::Aws, true), (Compat::Generic, false)] {
        let place = Scripted::start([Answer::Bytes(ok(0, "")), Answer::Bytes(ok(1, "x"))]).await;
        let config = S3Config {
            compat,
            max_concurrent_requests: NonZeroU32::MIN,
            ..without_retries(&place.endpoint)
        };
        let store = bucket_of(config, "photos");
        let options = PutOptions {
            content_type: Some("image/webp".into()),
            metadata: [("fingerprint".to_owned(), "f00".to_owned())].into(),
        };
        assert_eq!(
            store.put("a b.webp", Bytes::from_static(b"x"), options).await.unwrap(),
            "e"
        );
        store.get("a b.webp", 1).await.unwrap();
        let requests = place.requests();
        let (put, get) = (&requests[0], &requests[1]);
        assert!(put.starts_with("put /photos/a%20b.webp"), "path style: {put}");
        assert!(put.contains("\r\ncontent-type: image/webp\r\n"), "{put}");
        assert!(put.contains("\r\nx-amz-meta-fingerprint: f00\r\n"), "{put}");
        assert_eq!(
            put.contains("x-amz-checksum-") || put.contains("x-amz-trailer"),
            checksum,
            "{compat:?}: {put}"
        );
        assert_eq!(get.contains("x-amz-checksum-mode"), checksum, "{compat:?}: {get}");
    }
}

#[tokio::test]
async fn a_server_that_needs_no_checksums_is_served_without() {
    let server = S3::start().unwrap();
    let name = bucket_name();
    server.create_bucket(&name).unwrap();
    let config = S3Config {
        compat: Compat::Generic,
        ..s3_config(&server.endpoint())
    };
    probe(&*bucket_of(config, &name), "").await.unwrap();
}

#[tokio::test]
async fn every_version_of_an_object_can_be_had() {
    let server = S3::start().unwrap();
    server.create_bucket("kept").unwrap();
    server.keep_versions("kept").unwrap();
    let store = bucket_of(s3_config(&server.endpoint()), "kept");
    put(&*store, "a b.jpg", "old").await;
    let old = server.version_ids("kept").unwrap();
    put(&*store, "a b.jpg", "newer").await;
    assert_eq!(old.len(), 1);
    let object = store.get_version("a b.jpg", &old[0], 10).await.unwrap();
    assert_eq!(object.body, "old");
    assert_eq!(store.head_version("a b.jpg", &old[0]).await.unwrap(), object.meta);
    assert_eq!(store.get("a b.jpg", 10).await.unwrap().body, "newer");
    let error = store.get_version("a b.jpg", "no-such-version", 10).await.unwrap_err();
    assert!(!error.is_transient(), "{error}");
}
