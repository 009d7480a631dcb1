use std::fmt;
use std::path::{Component, Path};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{ObjectError, key};

const S3: &str = "s3://";
const FILE: &str = "file://";

/// Where an object, or everything below a prefix, is: `s3://bucket/key` or `file:///absolute/path`.
///
/// What follows the scheme is taken as it stands, in both schemes: `%20` is three characters, and spaces, `+`, `#` and
/// `ü` are themselves. So every location has one spelling, and a key comes out as it went in. An empty key, or one that
/// ends in `/`, names the bucket, folder or prefix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Location {
    /// In a bucket.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// The key, or the prefix, or nothing.
        key: String,
    },
    /// In a folder of this machine.
    File {
        /// Absolute, without empty, `.` and `..` parts; a folder may end in `/`.
        path: String,
    },
}

impl Location {
    /// Reads `s3://bucket/key` or `file:///absolute/path`.
    ///
    /// # Errors
    /// [`ObjectError::Invalid`] with the rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, ObjectError> {
        let location = if let Some(rest) = text.strip_prefix(S3) {
            let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
            check_bucket(bucket)
                .and_then(|()| key::check_prefix(key))
                .map(|()| Self::S3 {
                    bucket: bucket.to_owned(),
                    key: key.to_owned(),
                })
        } else if let Some(path) = text.strip_prefix(FILE) {
            check_path(path).map(|()| Self::File { path: path.to_owned() })
        } else {
            Err("write s3://bucket/key or file:///absolute/path".to_owned())
        };
        location.map_err(|reason| ObjectError::Invalid {
            location: text.to_owned(),
            reason,
        })
    }

    /// The location of a file or folder; the path must be absolute, and is taken as it stands.
    ///
    /// # Errors
    /// [`ObjectError::Invalid`] for a path that is relative, is not UTF-8, or has `..` in it.
    pub fn of_path(path: &Path) -> Result<Self, ObjectError> {
        let invalid = |reason: &str| ObjectError::Invalid {
            location: path.display().to_string(),
            reason: reason.to_owned(),
        };
        if !path.is_absolute() {
            return Err(invalid("the path must be absolute"));
        }
        let mut text = String::from(FILE);
        // `components` leaves out what a location may not have: `//`, `/./` and a `/` at the end.
        for part in path.components().filter(|part| !matches!(part, Component::RootDir)) {
            text.push('/');
            text.push_str(
                part.as_os_str()
                    .to_str()
                    .ok_or_else(|| invalid("the path must be UTF-8"))?,
            );
        }
        if text.len() == FILE.len() {
            text.push('/');
        }
        Self::parse(&text)
    }

    /// The key within the bucket, or the path without its first `/`.
    pub fn key(&self) -> &str {
        match self {
            Self::S3 { key, .. } => key,
            Self::File { path } => &path[1..],
        }
    }

    /// The location of `part` below this one, with exactly one `/` between them; nothing changes for an empty part.
    #[must_use]
    pub fn join(&self, part: &str) -> Self {
        let mut joined = self.clone();
        let key = match &mut joined {
            Self::S3 { key, .. } => key,
            Self::File { path } => path,
        };
        if !part.is_empty() {
            if !key.is_empty() && !key.ends_with('/') {
                key.push('/');
            }
            key.push_str(part);
        }
        joined
    }

    /// What the text of every location below this one begins with: for any part but an empty one, with it as
    /// [`join`](Self::join) would make it.
    pub fn root(&self) -> String {
        let mut root = self.to_string();
        if !root.ends_with('/') {
            root.push('/');
        }
        root
    }

    /// What this key has below `prefix`, which ends at a `/` whether it says so or not: `a/b.jpg` is `b.jpg` below `a`
    /// and below `a/`, and not below `a/b`. Empty where both are the same; `None` where this is not below it.
    pub fn key_below(&self, prefix: &Self) -> Option<&str> {
        match (self, prefix) {
            (Self::S3 { bucket, .. }, Self::S3 { bucket: other, .. }) if bucket == other => {}
            (Self::File { .. }, Self::File { .. }) => {}
            (Self::S3 { .. } | Self::File { .. }, _) => return None,
        }
        let rest = self.key().strip_prefix(prefix.key())?;
        if rest.is_empty() || prefix.key().is_empty() || prefix.key().ends_with('/') {
            Some(rest)
        } else {
            rest.strip_prefix('/')
        }
    }
}

fn check_bucket(bucket: &str) -> Result<(), String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    match bucket {
        "" => Err("a bucket must follow s3://".into()),
        _ if !bucket.bytes().all(allowed) => Err(format!("`{bucket}` can't be the name of a bucket")),
        _ => Ok(()),
    }
}

fn check_path(path: &str) -> Result<(), String> {
    let Some(parts) = path.strip_prefix('/') else {
        return Err("the path must be absolute, after three slashes: file:///folder/photo.jpg".into());
    };
    let folder = parts.strip_suffix('/').unwrap_or(parts);
    match folder.split('/').find(|part| matches!(*part, "" | "." | "..")) {
        Some(part) if !parts.is_empty() => Err(format!("`{part}` may not be a part of its path")),
        _ if path.contains('\0') => Err("a path may not contain a zero byte".into()),
        _ => Ok(()),
    }
}

impl FromStr for Location {
    type Err = ObjectError;

    fn from_str(text: &str) -> Result<Self, ObjectError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Location {
    type Error = ObjectError;

    fn try_from(text: String) -> Result<Self, ObjectError> {
        Self::parse(&text)
    }
}

impl From<Location> for String {
    fn from(location: Location) -> Self {
        location.to_string()
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { bucket, key } => write!(f, "{S3}{bucket}/{key}"),
            Self::File { path } => write!(f, "{FILE}{path}"),
        }
    }
}
