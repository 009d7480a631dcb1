//! Stores of every kind, each empty and private to one test.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use tempfile::TempDir;
use velatura_objects::{LocalFolder, ObjectMeta, ObjectStore, PutOptions, S3Bucket, S3Config, S3Connection};
use velatura_testkit::s3::S3;

/// A store, and what it lives in.
pub(crate) struct Place {
    pub(crate) store: Arc<dyn ObjectStore>,
    _folder: Option<TempDir>,
}

pub(crate) fn folder() -> Place {
    let folder = TempDir::new().unwrap();
    Place {
        store: Arc::new(LocalFolder::new(folder.path()).unwrap()),
        _folder: Some(folder),
    }
}

/// One server for all tests that leave it in peace.
static SERVER: LazyLock<S3> = LazyLock::new(|| S3::start().unwrap());

pub(crate) fn bucket() -> Place {
    let name = bucket_name();
    SERVER.create_bucket(&name).unwrap();
    Place {
        store: bucket_of(s3_config(&SERVER.endpoint()), &name),
        _folder: None,
    }
}

/// A bucket on the shared server that nobody has made.
pub(crate) fn bucket_that_is_not_there() -> Arc<dyn ObjectStore> {
    bucket_of(s3_config(&SERVER.endpoint()), &bucket_name())
}

pub(crate) fn bucket_of(config: S3Config, name: &str) -> Arc<dyn ObjectStore> {
    Arc::new(S3Bucket::new(Arc::new(S3Connection::new(config)), name))
}

pub(crate) fn bucket_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("bucket-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn s3_config(endpoint: &str) -> S3Config {
    S3Config {
        endpoint_url: Some(endpoint.parse().unwrap()),
        region: Some(S3::REGION.into()),
        access_key_id: Some(S3::ACCESS_KEY_ID.into()),
        secret_access_key: Some(S3::SECRET_ACCESS_KEY.into()),
        ..S3Config::default()
    }
}

/// Does not try again.
pub(crate) fn without_retries(endpoint: &str) -> S3Config {
    S3Config {
        retries: 0,
        ..s3_config(endpoint)
    }
}

/// Gives up after a second, without trying again.
pub(crate) fn impatient(endpoint: &str) -> S3Config {
    S3Config {
        attempt_timeout_seconds: NonZeroU32::MIN,
        ..without_retries(endpoint)
    }
}

/// Stores text under a key.
pub(crate) async fn put(store: &dyn ObjectStore, key: &str, text: &str) -> String {
    let body = Bytes::copy_from_slice(text.as_bytes());
    store.put(key, body, PutOptions::default()).await.unwrap()
}

pub(crate) async fn text(store: &dyn ObjectStore, key: &str) -> String {
    String::from_utf8(store.get(key, u64::MAX).await.unwrap().body.to_vec()).unwrap()
}

/// Options with one piece of metadata.
pub(crate) fn noted(key: &str, value: &str) -> PutOptions {
    PutOptions {
        metadata: [(key.to_owned(), value.to_owned())].into(),
        ..PutOptions::default()
    }
}

/// Everything below a prefix, by pages of this size.
pub(crate) async fn list_all(store: &dyn ObjectStore, prefix: &str, page: usize) -> Vec<ObjectMeta> {
    let (mut objects, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = store.list(prefix, after.as_deref(), page).await.unwrap();
        objects.extend(page.objects);
        after = page.next;
        if after.is_none() {
            return objects;
        }
    }
}

pub(crate) fn keys(objects: &[ObjectMeta]) -> Vec<&str> {
    objects.iter().map(|object| object.key.as_str()).collect()
}
