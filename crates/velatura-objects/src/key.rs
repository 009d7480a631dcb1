//! The rules for keys and metadata that hold in every store, so that an object can be copied from any to any.

use std::collections::BTreeMap;

/// The longest key, in bytes: the limit of S3.
pub(crate) const MAX_BYTES: usize = 1024;
/// The most user metadata, keys and values together, in bytes: the limit of S3.
const MAX_METADATA_BYTES: usize = 2048;

/// Refuses keys that no store may hold; the reason is half a sentence.
pub(crate) fn check(key: &str) -> Result<(), String> {
    if key.is_empty() {
        return Err("it names a bucket or folder where an object is needed".into());
    }
    check_prefix(key)
}

/// As [`check`], for a prefix, which may be empty.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), String> {
    if prefix.len() > MAX_BYTES {
        return Err(format!(
            "its key has {} bytes, but the limit is {MAX_BYTES}",
            prefix.len()
        ));
    }
    // Servers that keep objects in folders climb out of a permitted prefix by it; others take it as it is.
    if prefix.split('/').any(|part| part == "..") {
        return Err("`..` may not be a part of a key".into());
    }
    if prefix.contains('\0') {
        return Err("a key may not contain a zero byte".into());
    }
    Ok(())
}

/// Refuses metadata that can't travel as HTTP headers unchanged; the reason is a whole sentence's second half.
pub(crate) fn check_metadata(metadata: &BTreeMap<String, String>) -> Result<(), String> {
    for (name, value) in metadata {
        let token = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
        if name.is_empty() || !name.bytes().all(token) {
            return Err(format!(
                "the metadata key {name:?} may only have the characters a-z, 0-9, `-`, `_` and `.`"
            ));
        }
        if value.trim() != value || !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(format!(
                "the metadata {name} must be printable ASCII without spaces at its ends"
            ));
        }
    }
    let bytes: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MAX_METADATA_BYTES {
        return Err(format!(
            "its metadata has {bytes} bytes, but the limit is {MAX_METADATA_BYTES}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_every_script_and_sign_are_fine() {
        for key in [
            "a",
            "a b+c%20/ü/日本/#?&=.jpg",
            "/leading",
            "a//b",
            "a/./b",
            "..a/b..",
            &"k".repeat(MAX_BYTES),
        ] {
            assert_eq!(check(key), Ok(()), "{key}");
        }
    }

    #[test]
    fn keys_that_are_empty_too_long_or_climb_are_refused() {
        for key in ["", "..", "../a", "a/../b", "a/..", "a\0b", &"k".repeat(MAX_BYTES + 1)] {
            assert!(check(key).is_err(), "{key}");
        }
        assert_eq!(check_prefix(""), Ok(()));
    }

    #[test]
    fn metadata_that_headers_would_change_is_refused() {
        let one = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        assert_eq!(check_metadata(&one("fingerprint-1", "AbC 09 ~!")), Ok(()));
        for (name, value) in [
            ("Upper", "x"),
            ("", "x"),
            ("a b", "x"),
            ("a", "ü"),
            ("a", " x"),
            ("a", "x\n"),
        ] {
            assert!(check_metadata(&one(name, value)).is_err(), "{name:?}: {value:?}");
        }
        assert!(check_metadata(&one("a", &"x".repeat(MAX_METADATA_BYTES))).is_err());
    }
}
