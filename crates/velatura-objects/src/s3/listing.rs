use std::collections::BTreeMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{EncodingType, Object as Listed};
use percent_encoding::percent_decode_str;

use super::error::Asked;
use super::{modified, size, version};
use crate::{ObjectError, ObjectMeta, Page};

/// The longest page that S3 gives.
const MAX_PAGE: usize = 1000;

/// One page of what lies below a prefix. Pages go on from the last key, not from the server's token, so that a listing
/// goes on after a restart, and anywhere.
pub(super) async fn page(
    client: &Client,
    asked: &Asked<'_>,
    after: Option<&str>,
    limit: usize,
) -> Result<Page, ObjectError> {
    let limit = i32::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(i32::MAX);
    let request = client
        .list_objects_v2()
        .bucket(asked.bucket)
        .set_prefix(Some(asked.key.to_owned()).filter(|prefix| !prefix.is_empty()))
        .set_start_after(after.map(str::to_owned))
        .max_keys(limit)
        // XML can't carry every character that a key may have.
        .encoding_type(EncodingType::Url);
    let bucket = Asked { key: "", ..*asked };
    let answer = request.send().await.map_err(|error| bucket.explain(error))?;
    let encoded = answer.encoding_type == Some(EncodingType::Url);
    let mut page = Page::default();
    let mut last = None;
    for listed in answer.contents.into_iter().flatten() {
        let Some(key) = listed.key.as_deref().and_then(|key| decode(key, encoded)) else {
            tracing::warn!(bucket = asked.bucket, key = ?listed.key, "left out of a listing: the key is not UTF-8");
            continue;
        };
        last = Some(key.clone());
        page.objects.push(meta(key, listed));
    }
    if answer.is_truncated == Some(true) {
        page.next = Some(last.ok_or_else(|| bucket.refused("its listing has more pages, but an empty one".into()))?);
    }
    Ok(page)
}

fn meta(key: String, listed: Listed) -> ObjectMeta {
    ObjectMeta {
        key,
        size_bytes: size(listed.size),
        version: version(listed.e_tag),
        modified: modified(listed.last_modified),
        metadata: BTreeMap::new(),
    }
}

/// The encoding is that of forms: AWS writes a space as `+`, others as `%20`.
fn decode(key: &str, encoded: bool) -> Option<String> {
    if !encoded {
        return Some(key.to_owned());
    }
    percent_decode_str(&key.replace('+', " "))
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_only_where_the_server_encoded_them() {
        assert_eq!(decode("a+b%2Bc%20%25/%C3%BC", true).as_deref(), Some("a b+c %/ü"));
        assert_eq!(decode("a+b%20", false).as_deref(), Some("a+b%20"));
        assert_eq!(decode("%FF", true), None);
    }
}
