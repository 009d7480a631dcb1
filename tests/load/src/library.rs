//! A bucket of as many photos as one likes: an S3 endpoint that computes its listing, in a process of its own. What is put
//! below another prefix than the photos' is kept in memory.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use velatura_testkit::{Child, free_port};

/// Where the photos lie.
pub const PREFIX: &str = "photos/";
/// The bucket, whatever name it is asked by.
pub const BUCKET: &str = "library";
/// S3 gives no longer pages.
const MOST: usize = 1000;

/// Photos in each folder right below that, which has albums below it; the last may have fewer.
pub const FOLDER: u64 = 20_000;

/// The key of a photo. Keys are ordered as their numbers are.
pub fn key(photo: u64) -> String {
    format!(
        "{PREFIX}{:04}/album-{:05}/photo-{photo:08}.jpg",
        photo / FOLDER,
        photo / 1000
    )
}

/// Starts a process that serves so many photos, and gives its address.
pub fn start(photos: u64) -> Result<(Child, String)> {
    let port = free_port();
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["library", "--port", &port.to_string(), "--photos", &photos.to_string()]);
    start_with(command, port)
}

/// Starts `command`, which is to serve a library at that port.
pub fn start_with(command: Command, port: u16) -> Result<(Child, String)> {
    let mut child = Child::spawn("the simulated library", command)?;
    child.until(Duration::from_secs(60), || {
        Ok(std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok())
    })?;
    Ok((child, format!("http://127.0.0.1:{port}")))
}

/// Serves until the process is ended.
pub async fn serve(port: u16, photos: u64) -> Result<()> {
    let library = Arc::new(Library {
        photos,
        kept: RwLock::default(),
    });
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let routes = Router::new()
        .route("/{bucket}", any(bucket))
        .route("/{bucket}/", any(bucket))
        .route("/{bucket}/{*key}", any(object))
        // Parts of reports are larger than what axum takes by default.
        .layer(DefaultBodyLimit::disable())
        .with_state(library);
    axum::serve(listener, routes).await.context("serving the library")
}

struct Library {
    photos: u64,
    kept: RwLock<BTreeMap<String, (HeaderMap, Bytes)>>,
}

impl Library {
    /// The first photo whose key is not below `bound`.
    fn first_from(&self, bound: &str) -> u64 {
        let (mut low, mut high) = (0, self.photos);
        while low < high {
            let middle = low + (high - low) / 2;
            if key(middle).as_str() < bound {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn list(&self, asked: &HashMap<String, String>) -> String {
        let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
        let (prefix, delimiter) = (get("prefix"), get("delimiter"));
        let most = get("max-keys").parse().unwrap_or(MOST).min(MOST);
        let after = [get("start-after"), get("continuation-token")]
            .into_iter()
            .max()
            .unwrap_or_default();
        // The smallest key above `after` is `after` with a zero behind it.
        let mut next = if after < prefix {
            prefix.to_owned()
        } else {
            format!("{after}\0")
        };
        let (mut listed, mut count, mut last) = (String::with_capacity(most * 220), 0, String::new());
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let mut kept = kept.range(next.clone()..).map(|(key, _)| key.clone()).peekable();
        let mut photo = self.first_from(&next);
        let mut truncated = false;
        loop {
            let computed = (photo < self.photos).then(|| key(photo));
            let key = match (computed, kept.peek()) {
                (Some(computed), Some(kept)) if *kept < computed => kept.clone(),
                (Some(computed), _) => computed,
                (None, Some(kept)) => kept.clone(),
                (None, None) => break,
            };
            if !key.starts_with(prefix) {
                break;
            }
            truncated = count == most;
            if truncated {
                break;
            }
            count += 1;
            let below = &key[prefix.len()..];
            let folder = (!delimiter.is_empty()).then(|| below.split_once(delimiter)).flatten();
            if let Some((folder, _)) = folder {
                last = format!("{prefix}{folder}{delimiter}");
                let _ = write!(listed, "<CommonPrefixes><Prefix>{last}</Prefix></CommonPrefixes>");
                next = format!("{last}\u{10ffff}");
                photo = self.first_from(&next);
                while kept.next_if(|kept| *kept < next).is_some() {}
                continue;
            }
            listed.push_str("<Contents><Key>");
            listed.push_str(&key);
            listed.push_str(
                "</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
                 <ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>2000000</Size>\
                 <StorageClass>STANDARD</StorageClass></Contents>",
            );
            if kept.next_if(|kept| *kept == key).is_none() {
                photo += 1;
            }
            last = key;
        }
        let token = match truncated {
            true => format!("<NextContinuationToken>{last}</NextContinuationToken>"),
            false => String::new(),
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{BUCKET}</Name>\
             <Prefix>{prefix}</Prefix><KeyCount>{count}</KeyCount><MaxKeys>{most}</MaxKeys>\
             <IsTruncated>{truncated}</IsTruncated>{token}{listed}</ListBucketResult>"
        )
    }
}

async fn bucket(
    method: Method,
    State(library): State<Arc<Library>>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    match method {
        Method::GET => ([("content-type", "application/xml")], library.list(&asked)).into_response(),
        _ => StatusCode::OK.into_response(),
    }
}

async fn object(
    method: Method,
    State(library): State<Arc<Library>>,
    Path((bucket_name, key)): Path<(String, String)>,
    Query(asked): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // `/bucket/?list-type=2` comes as a key that is empty.
    if key.is_empty() || bucket_name.is_empty() {
        return bucket(method, State(library), Query(asked)).await;
    }
    match method {
        Method::PUT => {
            let told = |name: &HeaderName| name.as_str().starts_with("x-amz-meta-") || name == "content-type";
            let kept = headers
                .into_iter()
                .filter_map(|(name, value)| Some((name.filter(told)?, value)));
            let object = (kept.collect(), body);
            library
                .kept
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(key, object);
            [("etag", "\"kept\"")].into_response()
        }
        Method::DELETE => {
            library
                .kept
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => match library.kept.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            Some((headers, body)) => ([("etag", "\"kept\"")], headers.clone(), body.clone()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(photos: u64, asked: &[(&str, &str)]) -> String {
        let library = Library {
            photos,
            kept: RwLock::default(),
        };
        library.list(&asked.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn every_photo_is_listed_once_in_order_whatever_the_pages() {
        let (mut after, mut keys) = (String::new(), Vec::new());
        loop {
            let page = listed(
                2500,
                &[("prefix", PREFIX), ("start-after", &after), ("max-keys", "700")],
            );
            for part in page.split("<Key>").skip(1) {
                keys.push(part.split("</Key>").next().unwrap_or_default().to_owned());
            }
            after.clone_from(keys.last().expect("a page has keys"));
            if page.contains("<IsTruncated>false") {
                break;
            }
        }
        assert_eq!(keys, (0..2500).map(key).collect::<Vec<_>>());
    }

    #[test]
    fn folders_are_told_by_their_delimiter() {
        let page = listed(2500, &[("prefix", PREFIX), ("delimiter", "/")]);
        assert_eq!(page.matches("<CommonPrefixes>").count(), 1, "{page}");
        assert!(!page.contains("<Contents>"));
    }
}
