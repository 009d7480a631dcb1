use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::join_all;
use tokio::sync::Semaphore;
use velatura_objects::{
    Effect, Faulty, Limited, Object, ObjectError, ObjectMeta, ObjectStore, Operation, Page, PutOptions, probe,
};

use crate::places::{folder, list_all, put, text};

/// A store whose every call yields, and which counts how many are under way.
#[derive(Debug, Default)]
struct Counting {
    now: AtomicUsize,
    most: AtomicUsize,
    all: AtomicUsize,
}

impl Counting {
    async fn call<T: Default>(&self) -> Result<T, ObjectError> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        self.all.fetch_add(1, Ordering::SeqCst);
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        self.now.fetch_sub(1, Ordering::SeqCst);
        Ok(T::default())
    }
}

#[async_trait]
impl ObjectStore for Counting {
    async fn head(&self, key: &str) -> Result<ObjectMeta, ObjectError> {
        self.call::<()>().await?;
        Err(ObjectError::NotFound { object: key.to_owned() })
    }

    async fn get(&self, key: &str, _limit_bytes: u64) -> Result<Object, ObjectError> {
        self.call::<()>().await?;
        Err(ObjectError::NotFound { object: key.to_owned() })
    }

    async fn head_version(&self, key: &str, _version_id: &str) -> Result<ObjectMeta, ObjectError> {
        self.head(key).await
    }

    async fn get_version(&self, key: &str, _version_id: &str, limit_bytes: u64) -> Result<Object, ObjectError> {
        self.get(key, limit_bytes).await
    }

    async fn read(&self, key: &str, _from: u64, length: u64) -> Result<Object, ObjectError> {
        self.get(key, length).await
    }

    async fn put(&self, _key: &str, _body: Bytes, _options: PutOptions) -> Result<String, ObjectError> {
        self.call().await
    }

    async fn delete(&self, _key: &str) -> Result<(), ObjectError> {
        self.call().await
    }

    async fn list(&self, _prefix: &str, _after: Option<&str>, _limit: usize) -> Result<Page, ObjectError> {
        self.call().await
    }
}

#[tokio::test]
async fn requests_of_every_kind_and_store_share_one_limit() {
    let inner = Arc::new(Counting::default());
    let requests = Arc::new(Semaphore::new(3));
    let stores = [(); 2].map(|()| Limited::new(inner.clone(), Arc::clone(&requests)));
    let calls = (0..10).map(|n| {
        let store = &stores[n % 2];
        async {
            let _ = store.head("a").await;
            let _ = store.get("a", 1).await;
            let _ = store.head_version("a", "v").await;
            let _ = store.get_version("a", "v", 1).await;
            let _ = store.read("a", 0, 1).await;
            store.put("a", Bytes::new(), PutOptions::default()).await.unwrap();
            store.delete("a").await.unwrap();
            store.list("", None, 1).await.unwrap();
        }
    });
    join_all(calls).await;
    assert_eq!(inner.all.load(Ordering::SeqCst), 80);
    assert_eq!(inner.most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn without_faults_a_faulty_store_is_the_store() {
    let place = folder();
    let store = Faulty::new(place.store.clone(), 1);
    put(&store, "a", "x").await;
    assert_eq!(text(&store, "a").await, "x");
    assert_eq!(store.head("a").await.unwrap(), place.store.head("a").await.unwrap());
    assert_eq!(list_all(&store, "", 10).await.len(), 1);
    store.delete("a").await.unwrap();
    assert_eq!(list_all(&*place.store, "", 10).await, []);
}

#[tokio::test]
async fn only_the_nth_call_of_its_kind_fails() {
    let place = folder();
    let store = Faulty::new(place.store.clone(), 1);
    store.nth(Operation::Get, 2, Effect::Fail);
    put(&store, "a", "x").await;
    assert_eq!(text(&store, "a").await, "x");
    let error = store.get("a", 1).await.unwrap_err();
    assert_eq!(error.code(), "storage-unavailable");
    assert!(error.to_string().contains("an injected fault of GET"), "{error}");
    assert_eq!(text(&store, "a").await, "x");
    assert_eq!(store.calls(Operation::Get), 3);
}

#[tokio::test]
async fn every_call_of_a_kind_fails_as_asked_until_it_is_healed() {
    let place = folder();
    let store = Faulty::new(place.store.clone(), 1);
    store
        .always(Operation::Put, Effect::Throttle)
        .always(Operation::Head, Effect::Deny);
    store
        .always(Operation::List, Effect::Fail)
        .always(Operation::Delete, Effect::Fail);
    for _ in 0..3 {
        let error = store.put("a", Bytes::new(), PutOptions::default()).await.unwrap_err();
        assert_eq!((error.code(), error.is_transient()), ("storage-throttled", true));
        let error = store.head("a").await.unwrap_err();
        assert_eq!((error.code(), error.is_transient()), ("access-denied", false));
        assert_eq!(store.list("", None, 1).await.unwrap_err().code(), "storage-unavailable");
        assert_eq!(store.delete("a").await.unwrap_err().code(), "storage-unavailable");
    }
    assert_eq!(list_all(&*place.store, "", 10).await, [], "what fails does not happen");
    store.heal();
    put(&store, "a", "x").await;
}

#[tokio::test]
async fn a_lost_answer_is_an_error_of_what_has_happened() {
    let place = folder();
    let store = Faulty::new(place.store.clone(), 1);
    store.nth(Operation::Put, 1, Effect::LoseAnswer);
    let error = store
        .put("a", Bytes::from_static(b"x"), PutOptions::default())
        .await
        .unwrap_err();
    assert!(error.is_transient());
    assert_eq!(text(&*place.store, "a").await, "x");
}

#[tokio::test]
async fn a_delay_comes_before_the_call_and_adds_to_other_faults() {
    let place = folder();
    let store = Faulty::new(place.store.clone(), 1);
    let delay = Duration::from_millis(60);
    store
        .always(Operation::Put, Effect::Delay(delay))
        .always(Operation::Put, Effect::Fail);
    let start = Instant::now();
    assert!(store.put("a", Bytes::new(), PutOptions::default()).await.is_err());
    assert!(start.elapsed() >= delay);
}

#[tokio::test]
async fn a_truncated_body_is_half_of_what_the_size_says() {
    let place = folder();
    let store = Faulty::new(place.store.clone(), 1);
    store.always(Operation::Get, Effect::Truncate);
    put(&store, "a", "0123456789").await;
    let object = store.get("a", 10).await.unwrap();
    assert_eq!((&object.body[..], object.meta.size_bytes), (&b"01234"[..], 10));
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults() {
    let strikes = async |seed| {
        let place = folder();
        let store = Faulty::new(place.store.clone(), seed);
        store.one_in(Operation::Head, 4, Effect::Fail);
        let mut strikes = Vec::new();
        for _ in 0..200 {
            strikes.push(store.head("a").await.unwrap_err().is_transient());
        }
        strikes
    };
    let first = strikes(7).await;
    assert_eq!(first, strikes(7).await);
    assert_ne!(first, strikes(8).await);
    let count = first.iter().filter(|strike| **strike).count();
    assert!(
        (25..=75).contains(&count),
        "one in four of 200 are about 50, not {count}"
    );
}

#[tokio::test]
async fn a_probe_says_which_step_failed() {
    for (operation, effect, code, message) in [
        (Operation::Put, Effect::Deny, "access-denied", "PUT failed: access to"),
        (Operation::Get, Effect::Fail, "storage-unavailable", "GET failed: "),
        (
            Operation::Delete,
            Effect::Throttle,
            "storage-throttled",
            "DELETE failed: ",
        ),
        (
            Operation::Get,
            Effect::Truncate,
            "storage-corrupts",
            "came back changed",
        ),
    ] {
        let place = folder();
        let store = Faulty::new(place.store.clone(), 1);
        store.always(operation, effect);
        let error = probe(&store, "results/").await.unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(message), "{error}");
        store.heal();
        let left = usize::from(operation == Operation::Delete);
        assert_eq!(list_all(&store, "", 10).await.len(), left, "after {operation}");
    }
}
