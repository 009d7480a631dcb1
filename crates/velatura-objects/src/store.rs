use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;

use crate::ObjectError;

/// A flat space of objects under keys: a bucket, or a folder.
///
/// Keys are UTF-8, at most 1024 bytes, parts joined by `/`. A put is atomic: a reader sees the old object or the new
/// one, never a half-written one.
#[async_trait]
pub trait ObjectStore: fmt::Debug + Send + Sync + 'static {
    /// Size, version and metadata of an object.
    async fn head(&self, key: &str) -> Result<ObjectMeta, ObjectError>;

    /// A whole object in memory, refused when it is larger than `limit_bytes`.
    async fn get(&self, key: &str, limit_bytes: u64) -> Result<Object, ObjectError>;

    /// As [`head`](Self::head), of one version in a bucket that keeps several.
    async fn head_version(&self, key: &str, version_id: &str) -> Result<ObjectMeta, ObjectError>;

    /// As [`get`](Self::get), of one version in a bucket that keeps several.
    async fn get_version(&self, key: &str, version_id: &str, limit_bytes: u64) -> Result<Object, ObjectError>;

    /// A piece of an object: its bytes from `from`, which is below its size, on, and at most `length` of them, which is
    /// above 0. What is known of it is about the whole, so that its version tells whether two pieces belong together.
    async fn read(&self, key: &str, from: u64, length: u64) -> Result<Object, ObjectError>;

    /// Stores an object, replacing what was there; returns its version.
    async fn put(&self, key: &str, body: Bytes, options: PutOptions) -> Result<String, ObjectError>;

    /// Deletes an object; deleting what is not there is no error.
    async fn delete(&self, key: &str) -> Result<(), ObjectError>;

    /// One page of the objects whose keys begin with `prefix` and come after `after`, in byte order of their keys: at
    /// most `limit` of them, which is taken as 1 to 1000.
    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page, ObjectError>;
}

/// An object with its bytes.
#[derive(Debug, Clone)]
pub struct Object {
    /// What is known of it.
    pub meta: ObjectMeta,
    /// Its bytes.
    pub body: Bytes,
}

/// What is known of an object without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectMeta {
    /// Its key within the store.
    pub key: String,
    /// Its size.
    pub size_bytes: u64,
    /// Changes whenever the object does: the ETag, or size and time of change. Empty where a listing does not say.
    pub version: String,
    /// When it was last changed, where the store says so.
    pub modified: Option<SystemTime>,
    /// User metadata, keys in lower case. Listings leave it empty.
    pub metadata: BTreeMap<String, String>,
}

/// What a put says beside the bytes.
#[derive(Debug, Clone, Default)]
pub struct PutOptions {
    /// The media type.
    pub content_type: Option<String>,
    /// User metadata, keys in lower case.
    pub metadata: BTreeMap<String, String>,
}

/// One page of a listing.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// In byte order of their keys.
    pub objects: Vec<ObjectMeta>,
    /// Give this as `after` for the next page; `None` at the end.
    pub next: Option<String>,
}
