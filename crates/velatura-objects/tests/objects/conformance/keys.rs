use std::sync::Arc;

use bytes::Bytes;
use velatura_objects::{ObjectStore, PutOptions};

use crate::places::{keys, list_all, put, text};

type Store = Arc<dyn ObjectStore>;

pub(super) async fn every_sign_in_a_key_comes_back_as_it_went_in(store: Store) {
    let mut odd = [
        "a b/c d.jpg",
        "a+b/c+d.jpg",
        "100%/50%.jpg",
        "%41%20%2F.jpg",
        "ü/Ünïcödé.jpg",
        "u\u{308}/decomposed.jpg",
        "日本/写真.jpg",
        "🎨.jpg",
        "a&b=c?d#e;f:g@h,i!$'()*~.jpg",
        "quote\"back\\slash<angle>|pipe^`{}[].jpg",
        "..dots../...jpg",
        " leading and trailing space ",
    ];
    for key in odd {
        put(&*store, key, key).await;
    }
    for key in odd {
        assert_eq!(text(&*store, key).await, key);
        assert_eq!(store.head(key).await.unwrap().key, key);
        assert_eq!(
            keys(&store.list(key, None, 10).await.unwrap().objects),
            [key],
            "as a prefix"
        );
    }
    odd.sort_unstable();
    let listed = list_all(&*store, "", 5).await;
    assert_eq!(keys(&listed), odd, "every page goes on after an odd key");
    for key in odd {
        store.delete(key).await.unwrap();
    }
    assert_eq!(list_all(&*store, "", 5).await, []);
}

pub(super) async fn a_key_may_have_1024_bytes(store: Store) {
    let key = [
        &*"k".repeat(255),
        &*"l".repeat(255),
        &*"ü".repeat(127),
        &*"m".repeat(255),
    ]
    .join("/");
    let key = format!("{key}/");
    let key = format!("{key}{}", "n".repeat(1024 - key.len()));
    put(&*store, &key, "x").await;
    assert_eq!(text(&*store, &key).await, "x");
    assert_eq!(keys(&list_all(&*store, "", 10).await), [&key]);
    let longer = format!("{key}n");
    let error = store
        .put(&longer, Bytes::new(), PutOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "location-invalid");
    assert!(
        error.to_string().contains("1025 bytes, but the limit is 1024"),
        "{error}"
    );
}

pub(super) async fn keys_that_no_store_may_hold_are_refused(store: Store) {
    for key in ["", "..", "../outside", "a/../b", "a/..", "a\0b"] {
        let error = store.put(key, Bytes::new(), PutOptions::default()).await.unwrap_err();
        assert_eq!(error.code(), "location-invalid", "PUT {key:?}: {error}");
        assert_eq!(
            store.get(key, 1).await.unwrap_err().code(),
            "location-invalid",
            "GET {key:?}"
        );
        assert_eq!(
            store.head(key).await.unwrap_err().code(),
            "location-invalid",
            "HEAD {key:?}"
        );
        assert_eq!(
            store.delete(key).await.unwrap_err().code(),
            "location-invalid",
            "DELETE {key:?}"
        );
    }
    for prefix in ["../", "..", "a/../"] {
        assert_eq!(
            store.list(prefix, None, 1).await.unwrap_err().code(),
            "location-invalid",
            "LIST {prefix:?}"
        );
    }
}
