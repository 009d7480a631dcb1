//! Objects in a bucket of S3, or of a server that speaks its protocol.

mod body;
mod connection;
mod error;
mod listing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use bytes::Bytes;
use tokio::time;

pub use self::connection::S3Connection;
use self::error::Asked;
use crate::{Object, ObjectError, ObjectMeta, ObjectStore, Page, PutOptions, key};

/// A bucket. The version of an object is its ETag without quotes.
///
/// Each object is one request: a body is read into memory at once, so that no connection waits for what is done with it,
/// and is asked for again when the connection breaks in the middle of it.
#[derive(Debug)]
pub struct S3Bucket {
    connection: Arc<S3Connection>,
    name: String,
    /// Whether the bucket has been seen: a HEAD is answered 404 for a missing object and a missing bucket alike.
    seen: AtomicBool,
}

impl S3Bucket {
    /// A bucket reached over a connection; nothing is asked of it yet.
    pub fn new(connection: Arc<S3Connection>, name: impl Into<String>) -> Self {
        Self {
            connection,
            name: name.into(),
            seen: AtomicBool::new(false),
        }
    }

    fn asked<'a>(&'a self, key: &'a str) -> Asked<'a> {
        Asked {
            bucket: &self.name,
            key,
            endpoint: self.connection.endpoint(),
        }
    }

    fn valid(&self, key: &str) -> Result<(), ObjectError> {
        key::check(key).map_err(|reason| self.asked(key).invalid(reason))
    }

    fn saw<T>(&self, answer: T) -> T {
        self.seen.store(true, Ordering::Relaxed);
        answer
    }

    /// What a 404 without a body means.
    async fn missing(&self, key: &str) -> ObjectError {
        if !self.seen.load(Ordering::Relaxed) {
            let bucket = match self.connection.client().await {
                Ok(client) => client.head_bucket().bucket(&self.name).send().await,
                Err(error) => return error,
            };
            match bucket.map_err(|error| self.asked("").explain(error)) {
                Ok(answer) => drop(self.saw(answer)),
                Err(error @ ObjectError::NoSuchContainer { .. }) => return error,
                // Who may read objects need not have leave to look at the bucket.
                Err(_) => {}
            }
        }
        self.asked(key).not_found()
    }

    /// One attempt at an object; `Err(Ok(_))` is a broken body, which may be whole the next time.
    async fn get_once(&self, wanted: Wanted<'_>) -> Result<Object, Result<ObjectError, ObjectError>> {
        let Wanted { key, limit_bytes, .. } = wanted;
        let asked = self.asked(key);
        let client = self.connection.client().await.map_err(Err)?;
        let request = client
            .get_object()
            .bucket(&self.name)
            .key(key)
            .set_version_id(wanted.version_id.map(str::to_owned))
            .set_range(
                wanted
                    .from
                    .map(|from| format!("bytes={from}-{}", from + limit_bytes - 1)),
            );
        let answer = request.send().await;
        let answer = self.saw(answer.map_err(|error| Err(asked.explain(error)))?);
        let whole = answer.content_range.as_deref().and_then(whole_size);
        let announced = answer.content_length.and_then(|length| u64::try_from(length).ok());
        let too_large = |size_bytes| ObjectError::TooLarge {
            object: asked.location(),
            size_bytes,
            limit_bytes,
        };
        if let Some(size_bytes) = announced.filter(|size| *size > limit_bytes) {
            return Err(Err(too_large(size_bytes)));
        }
        let body = body::read(answer.body, announced, limit_bytes);
        let body = match time::timeout(self.connection.config().attempt_timeout(), body).await {
            Ok(Ok(body)) => body,
            Ok(Err(body::Broken::TooLarge(size_bytes))) => return Err(Err(too_large(size_bytes))),
            Ok(Err(body::Broken::Off(error))) => return Err(Ok(asked.broken_off(error))),
            Err(_) => return Err(Ok(asked.too_slow(self.connection.config().attempt_timeout()))),
        };
        Ok(Object {
            meta: ObjectMeta {
                key: key.to_owned(),
                size_bytes: whole.unwrap_or(body.len() as u64),
                version: version(&answer.e_tag.unwrap_or_default()),
                modified: modified(answer.last_modified),
                metadata: answer.metadata.into_iter().flatten().collect(),
            },
            body,
        })
    }

    async fn get_in_time(&self, wanted: Wanted<'_>) -> Result<Object, ObjectError> {
        self.valid(wanted.key)?;
        // The SDK's own timeouts end when the body begins.
        let whole = self.connection.config().request_timeout();
        match time::timeout(whole, self.get_patiently(wanted)).await {
            Ok(result) => result,
            Err(_) => Err(self.asked(wanted.key).too_slow(whole)),
        }
    }

    async fn head_of(&self, key: &str, version_id: Option<&str>) -> Result<ObjectMeta, ObjectError> {
        self.valid(key)?;
        let client = self.connection.client().await?;
        let request = client
            .head_object()
            .bucket(&self.name)
            .key(key)
            .set_version_id(version_id.map(str::to_owned));
        let answer = match request.send().await {
            Ok(answer) => self.saw(answer),
            Err(error) => match self.asked(key).explain(error) {
                ObjectError::NotFound { .. } => return Err(self.missing(key).await),
                other => return Err(other),
            },
        };
        Ok(ObjectMeta {
            key: key.to_owned(),
            size_bytes: size(answer.content_length),
            version: version(&answer.e_tag.unwrap_or_default()),
            modified: modified(answer.last_modified),
            metadata: answer.metadata.into_iter().flatten().collect(),
        })
    }

    async fn get_patiently(&self, wanted: Wanted<'_>) -> Result<Object, ObjectError> {
        let mut retries = self.connection.config().retries;
        let mut pause = Duration::from_millis(100);
        loop {
            match self.get_once(wanted).await {
                Ok(object) => return Ok(object),
                Err(Ok(_broken)) if retries > 0 => {
                    retries -= 1;
                    time::sleep(pause).await;
                    pause *= 2;
                }
                Err(Ok(error) | Err(error)) => return Err(error),
            }
        }
    }
}

#[async_trait]
impl ObjectStore for S3Bucket {
    async fn head(&self, key: &str) -> Result<ObjectMeta, ObjectError> {
        self.head_of(key, None).await
    }

    async fn get(&self, key: &str, limit_bytes: u64) -> Result<Object, ObjectError> {
        self.get_in_time(Wanted {
            key,
            version_id: None,
            from: None,
            limit_bytes,
        })
        .await
    }

    async fn head_version(&self, key: &str, version_id: &str) -> Result<ObjectMeta, ObjectError> {
        self.head_of(key, Some(version_id)).await
    }

    async fn get_version(&self, key: &str, version_id: &str, limit_bytes: u64) -> Result<Object, ObjectError> {
        self.get_in_time(Wanted {
            key,
            version_id: Some(version_id),
            from: None,
            limit_bytes,
        })
        .await
    }

    async fn read(&self, key: &str, from: u64, length: u64) -> Result<Object, ObjectError> {
        self.get_in_time(Wanted {
            key,
            version_id: None,
            from: Some(from),
            limit_bytes: length.max(1),
        })
        .await
    }

    async fn put(&self, key: &str, body: Bytes, options: PutOptions) -> Result<String, ObjectError> {
        self.valid(key)?;
        key::check_metadata(&options.metadata).map_err(|reason| self.asked(key).refused(reason))?;
        let client = self.connection.client().await?;
        let put = client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .body(ByteStream::from(body));
        let put = put
            .set_content_type(options.content_type)
            .set_metadata(some(options.metadata));
        let answer = put.send().await.map_err(|error| self.asked(key).explain(error))?;
        Ok(version(&self.saw(answer).e_tag.unwrap_or_default()))
    }

    async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        self.valid(key)?;
        let client = self.connection.client().await?;
        match client.delete_object().bucket(&self.name).key(key).send().await {
            Ok(answer) => {
                self.saw(answer);
                Ok(())
            }
            Err(error) => match self.asked(key).explain(error) {
                ObjectError::NotFound { .. } => Ok(()),
                other => Err(other),
            },
        }
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page, ObjectError> {
        key::check_prefix(prefix).map_err(|reason| self.asked(prefix).invalid(reason))?;
        let client = self.connection.client().await?;
        listing::page(client, &self.asked(prefix), after, limit)
            .await
            .map(|page| self.saw(page))
    }
}

/// What is wanted of an object.
#[derive(Debug, Clone, Copy)]
struct Wanted<'a> {
    key: &'a str,
    /// `None` is the newest.
    version_id: Option<&'a str>,
    /// Where a piece begins; `None` is the whole.
    from: Option<u64>,
    /// The longest piece, or the largest whole, that is taken.
    limit_bytes: u64,
}

/// The size of the whole in `bytes 0-99/1234`.
fn whole_size(content_range: &str) -> Option<u64> {
    content_range.rsplit_once('/')?.1.parse().ok()
}

fn modified(stamp: Option<DateTime>) -> Option<SystemTime> {
    SystemTime::try_from(stamp?).ok()
}

fn some(metadata: BTreeMap<String, String>) -> Option<std::collections::HashMap<String, String>> {
    Some(metadata)
        .filter(|metadata| !metadata.is_empty())
        .map(|metadata| metadata.into_iter().collect())
}

fn size(length: Option<i64>) -> u64 {
    length.and_then(|length| u64::try_from(length).ok()).unwrap_or_default()
}

fn version(e_tag: &str) -> String {
    e_tag.trim_matches('"').to_owned()
}
