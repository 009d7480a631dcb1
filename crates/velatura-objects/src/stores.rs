use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::{Limited, LocalFolder, Location, ObjectError, ObjectStore, ObjectsConfig, S3Bucket, S3Connection};

/// Opens the store that a location lies in: one store a bucket and one a folder of `local_roots`, kept for as long as
/// this lives. All buckets share one connection pool and one limit of concurrent requests.
#[derive(Debug)]
pub struct Stores {
    config: ObjectsConfig,
    s3: Arc<S3Connection>,
    s3_requests: Arc<Semaphore>,
    buckets: Mutex<HashMap<String, Arc<dyn ObjectStore>>>,
    folders: Mutex<HashMap<PathBuf, Arc<dyn ObjectStore>>>,
}

impl Stores {
    /// Nothing is opened or connected before the first use.
    pub fn new(config: ObjectsConfig) -> Self {
        Self {
            s3: Arc::new(S3Connection::new(config.s3.clone())),
            s3_requests: Arc::new(Semaphore::new(config.s3.max_concurrent_requests.get() as usize)),
            config,
            buckets: Mutex::default(),
            folders: Mutex::default(),
        }
    }

    /// The store that a location lies in, and the key or prefix within it.
    ///
    /// # Errors
    /// [`ObjectError::Outside`] for a file below none of `local_roots`, [`ObjectError::NoSuchContainer`] for a root that
    /// does not exist. A bucket is not looked at before it is used.
    pub fn open(&self, location: &Location) -> Result<(Arc<dyn ObjectStore>, String), ObjectError> {
        match location {
            Location::S3 { bucket, key } => Ok((self.bucket(bucket), key.clone())),
            Location::File { path } => {
                let (root, key) = self.root_of(path)?;
                Ok((self.folder(root)?, key))
            }
        }
    }

    fn bucket(&self, name: &str) -> Arc<dyn ObjectStore> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let store = buckets.entry(name.to_owned()).or_insert_with(|| {
            let bucket = S3Bucket::new(Arc::clone(&self.s3), name);
            Arc::new(Limited::new(Arc::new(bucket), Arc::clone(&self.s3_requests)))
        });
        Arc::clone(store)
    }

    fn folder(&self, root: &Path) -> Result<Arc<dyn ObjectStore>, ObjectError> {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = folders.get(root) {
            return Ok(Arc::clone(store));
        }
        let store: Arc<dyn ObjectStore> = Arc::new(LocalFolder::new(root)?);
        folders.insert(root.to_owned(), Arc::clone(&store));
        Ok(store)
    }

    /// The innermost root around a path, and the path below it.
    fn root_of<'a>(&'a self, path: &str) -> Result<(&'a Path, String), ObjectError> {
        let roots = &self.config.local_roots;
        if let Some(relative) = roots.iter().find(|root| !root.is_absolute()) {
            let relative = relative.display();
            return Err(ObjectError::Config(format!(
                "local_roots has {relative}, but every root must be absolute"
            )));
        }
        let below = |root: &'a PathBuf| {
            let rest = Path::new(path).strip_prefix(root).ok()?.to_str()?;
            // A `/` at the end makes a prefix of a key, and paths forget it.
            let slash = if path.ends_with('/') && !rest.is_empty() {
                "/"
            } else {
                ""
            };
            Some((root.as_path(), format!("{rest}{slash}")))
        };
        roots
            .iter()
            .filter_map(below)
            .min_by_key(|(_, key)| key.len())
            .ok_or_else(|| ObjectError::Outside {
                object: format!("file://{path}"),
                rule: match roots.as_slice() {
                    [] => "local_roots names none, so add its folder there".to_owned(),
                    roots => format!("it must lie in one of local_roots ({})", names(roots)),
                },
            })
    }
}

fn names(roots: &[PathBuf]) -> String {
    roots
        .iter()
        .map(|root| root.display().to_string())
        .collect::<Vec<_>>()
        .join(", ")
}
