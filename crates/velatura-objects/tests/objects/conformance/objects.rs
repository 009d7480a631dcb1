use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use velatura_objects::{ObjectError, ObjectStore, PutOptions, probe, probe_reading};

use crate::places::{list_all, noted, put, text};

type Store = Arc<dyn ObjectStore>;

pub(super) async fn what_was_put_comes_back(store: Store) {
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    store
        .put("folder/photo.jpg", bytes.clone().into(), PutOptions::default())
        .await
        .unwrap();
    let object = store.get("folder/photo.jpg", 300_000).await.unwrap();
    assert!(object.body == bytes, "the bytes differ");
    assert_eq!(object.meta.key, "folder/photo.jpg");
    assert_eq!(object.meta.size_bytes, 300_000);
    assert_eq!(store.head("folder/photo.jpg").await.unwrap(), object.meta);
}

pub(super) async fn metadata_comes_back_from_head_and_get(store: Store) {
    let metadata = BTreeMap::from([
        ("fingerprint".to_owned(), "0123456789abcdef".to_owned()),
        ("pack-version".to_owned(), "velatura light 1.0 (x=y; z)".to_owned()),
    ]);
    let options = PutOptions {
        content_type: Some("image/jpeg".into()),
        metadata: metadata.clone(),
    };
    store.put("a.jpg", Bytes::from_static(b"jpeg"), options).await.unwrap();
    assert_eq!(store.head("a.jpg").await.unwrap().metadata, metadata);
    assert_eq!(store.get("a.jpg", 10).await.unwrap().meta.metadata, metadata);
}

pub(super) async fn a_put_replaces_bytes_and_metadata(store: Store) {
    store
        .put("a", Bytes::from_static(b"old bytes"), noted("mark", "old"))
        .await
        .unwrap();
    store
        .put("a", Bytes::from_static(b"new"), noted("other", "new"))
        .await
        .unwrap();
    let object = store.get("a", 100).await.unwrap();
    assert_eq!(object.body, "new");
    assert_eq!(object.meta.metadata, noted("other", "new").metadata);
    put(&*store, "a", "bare").await;
    assert_eq!(store.head("a").await.unwrap().metadata, BTreeMap::new());
}

pub(super) async fn an_empty_object_is_an_object(store: Store) {
    put(&*store, "empty", "").await;
    let object = store.get("empty", 0).await.unwrap();
    assert_eq!((object.body.len(), object.meta.size_bytes), (0, 0));
    assert_eq!(list_all(&*store, "", 10).await.len(), 1);
}

pub(super) async fn a_missing_object_is_not_found(store: Store) {
    put(&*store, "there/photo.jpg", "x").await;
    for key in ["missing", "there/missing", "there/photo.jpg/below", "there"] {
        for error in [
            store.head(key).await.unwrap_err(),
            store.get(key, 10).await.unwrap_err(),
        ] {
            assert_eq!(error.code(), "object-not-found", "{key}: {error}");
            assert!(!error.is_transient());
            assert!(error.to_string().contains(&format!("/{key} does not exist")), "{error}");
        }
    }
}

pub(super) async fn deleting_what_is_not_there_is_no_error(store: Store) {
    store
        .put("a/b", Bytes::from_static(b"x"), noted("mark", "x"))
        .await
        .unwrap();
    store.delete("a/b").await.unwrap();
    assert_eq!(store.head("a/b").await.unwrap_err().code(), "object-not-found");
    store.delete("a/b").await.unwrap();
    store.delete("never/was").await.unwrap();
    put(&*store, "a/b", "y").await;
    assert_eq!(
        store.head("a/b").await.unwrap().metadata,
        BTreeMap::new(),
        "metadata outlived its object"
    );
}

pub(super) async fn every_change_has_a_new_version_however_quick(store: Store) {
    let mut versions = HashSet::new();
    for n in 100..130 {
        assert!(
            versions.insert(put(&*store, "a", &n.to_string()).await),
            "put {n} has the version of another"
        );
    }
}

pub(super) async fn an_object_has_one_version_wherever_it_is_asked(store: Store) {
    let version = put(&*store, "a", "some bytes").await;
    assert!(!version.is_empty());
    assert_eq!(store.head("a").await.unwrap().version, version);
    assert_eq!(store.get("a", 100).await.unwrap().meta.version, version);
    assert_eq!(list_all(&*store, "", 10).await[0].version, version);
}

pub(super) async fn an_object_above_the_limit_is_refused(store: Store) {
    put(&*store, "a", "0123456789").await;
    assert_eq!(text(&*store, "a").await, "0123456789");
    assert!(store.get("a", 10).await.is_ok(), "an object of just the limit is fine");
    match store.get("a", 9).await.unwrap_err() {
        error @ ObjectError::TooLarge { .. } => {
            assert_eq!(error.code(), "object-too-large");
            let message = error.to_string();
            assert!(message.contains("/a has 10 bytes, but at most 9 are read"), "{message}");
        }
        other => panic!("{other}"),
    }
}

pub(super) async fn metadata_that_can_not_travel_is_refused(store: Store) {
    for options in [
        noted("Upper", "x"),
        noted("a", "ü"),
        noted("a", "x\r\ninjected: y"),
        noted("a", &"x".repeat(3000)),
    ] {
        let error = store.put("a", Bytes::new(), options).await.unwrap_err();
        assert_eq!(error.code(), "storage-refused", "{error}");
    }
    assert_eq!(store.head("a").await.unwrap_err().code(), "object-not-found");
}

pub(super) async fn a_probe_succeeds_and_leaves_nothing_behind(store: Store) {
    probe(&*store, "results/").await.unwrap();
    probe_reading(&*store, "photos/").await.unwrap();
    assert_eq!(list_all(&*store, "", 10).await, []);
}

pub(super) async fn pieces_of_an_object_make_the_whole(store: Store) {
    let bytes: Vec<u8> = (0..1000_u32).map(|n| (n % 251) as u8).collect();
    store
        .put("list.csv", bytes.clone().into(), PutOptions::default())
        .await
        .unwrap();
    let whole = store.head("list.csv").await.unwrap();
    let mut read = Vec::new();
    while (read.len() as u64) < whole.size_bytes {
        let piece = store.read("list.csv", read.len() as u64, 300).await.unwrap();
        assert_eq!((piece.meta.size_bytes, &piece.meta.version), (1000, &whole.version));
        read.extend_from_slice(&piece.body);
    }
    assert!(read == bytes, "the bytes differ");
    assert_eq!(store.read("list.csv", 999, 300).await.unwrap().body.len(), 1);
    assert_eq!(
        store.read("missing", 0, 300).await.unwrap_err().code(),
        "object-not-found"
    );
}
