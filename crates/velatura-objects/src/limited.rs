use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{Object, ObjectError, ObjectMeta, ObjectStore, Page, PutOptions};

/// A store with at most so many requests under way; the others wait for their turn. Several stores may share the limit.
#[derive(Debug)]
pub struct Limited {
    inner: Arc<dyn ObjectStore>,
    requests: Arc<Semaphore>,
}

impl Limited {
    /// At most as many requests at once as the semaphore has permits.
    pub fn new(inner: Arc<dyn ObjectStore>, requests: Arc<Semaphore>) -> Self {
        Self { inner, requests }
    }

    async fn turn(&self) -> SemaphorePermit<'_> {
        self.requests.acquire().await.expect("the semaphore is never closed")
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ObjectStore for Limited {
    async fn head(&self, key: &str) -> Result<ObjectMeta, ObjectError> {
        let _turn = self.turn().await;
        self.inner.head(key).await
    }

    async fn get(&self, key: &str, limit_bytes: u64) -> Result<Object, ObjectError> {
        let _turn = self.turn().await;
        self.inner.get(key, limit_bytes).await
    }

    async fn head_version(&self, key: &str, version_id: &str) -> Result<ObjectMeta, ObjectError> {
        let _turn = self.turn().await;
        self.inner.head_version(key, version_id).await
    }

    async fn get_version(&self, key: &str, version_id: &str, limit_bytes: u64) -> Result<Object, ObjectError> {
        let _turn = self.turn().await;
        self.inner.get_version(key, version_id, limit_bytes).await
    }

    async fn read(&self, key: &str, from: u64, length: u64) -> Result<Object, ObjectError> {
        let _turn = self.turn().await;
        self.inner.read(key, from, length).await
    }

    async fn put(&self, key: &str, body: Bytes, options: PutOptions) -> Result<String, ObjectError> {
        let _turn = self.turn().await;
        self.inner.put(key, body, options).await
    }

    async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        let _turn = self.turn().await;
        self.inner.delete(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page, ObjectError> {
        let _turn = self.turn().await;
        self.inner.list(prefix, after, limit).await
    }
}
