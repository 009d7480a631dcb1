mod answer;
mod xml;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::EncodingType;
use percent_encoding::percent_decode_str;

use super::error::Asked;
use crate::{ObjectError, Page};
use answer::{Answer, Reading};

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
    let reading = Reading::default();
    let sent = request.customize().interceptor(reading.clone()).send().await;
    sent.map_err(|error| bucket.explain(error))?;
    let Answer {
        mut objects,
        truncated,
        encoded,
    } = reading.take();
    if encoded {
        objects.retain_mut(|object| {
            let decoded = decode(&mut object.key);
            if !decoded {
                tracing::warn!(bucket = asked.bucket, key = ?object.key, "left out of a listing: the key is not UTF-8");
            }
            decoded
        });
    }
    let last = objects.last().map(|object| object.key.clone());
    if truncated && last.is_none() {
        return Err(bucket.refused("its listing has more pages, but an empty one".into()));
    }
    Ok(Page {
        objects,
        next: last.filter(|_| truncated),
    })
}

/// The encoding is that of forms: AWS writes a space as `+`, others as `%20`. False where the key is not UTF-8.
fn decode(key: &mut String) -> bool {
    if !key.contains(['%', '+']) {
        return true;
    }
    match percent_decode_str(&key.replace('+', " ")).decode_utf8() {
        Ok(decoded) => *key = decoded.into_owned(),
        Err(_) => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_as_forms_are() {
        let decoded = |key: &str| {
            let mut key = key.to_owned();
            decode(&mut key).then_some(key)
        };
        assert_eq!(decoded("a+b%2Bc%20%25/%C3%BC").as_deref(), Some("a b+c %/ü"));
        assert_eq!(decoded("plain.jpg").as_deref(), Some("plain.jpg"));
        assert_eq!(decoded("%FF"), None);
    }
}
