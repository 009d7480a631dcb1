use std::borrow::Cow;

use serde::Deserialize;

use super::entry::Entry;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Object<'a> {
    #[serde(borrow)]
    source: Option<Cow<'a, str>>,
    #[serde(borrow)]
    key: Option<Cow<'a, str>>,
    #[serde(borrow)]
    version_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    mask: Option<Cow<'a, str>>,
    #[serde(borrow)]
    depth_map: Option<Cow<'a, str>>,
}

pub(super) fn entry(line: &str) -> Result<Entry<'_>, String> {
    let invalid = |error: &dyn std::fmt::Display| format!("it is no JSON object with source or key as text: {error}");
    if !line.trim_start().starts_with('{') {
        return Err(invalid(&"it does not begin with a brace"));
    }
    let object: Object<'_> = serde_json::from_str(line).map_err(|error| invalid(&error))?;
    Ok(Entry {
        source: object.source.unwrap_or_default(),
        key: object.key.unwrap_or_default(),
        version_id: object.version_id.unwrap_or_default(),
        mask: object.mask.unwrap_or_default(),
        depth_map: object.depth_map.unwrap_or_default(),
        ..Entry::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_text_or_missing_and_others_are_passed_over() {
        let entry = entry(r#"{"key": "a \"b\"\nc.jpg", "mask": null, "rating": 5}"#).unwrap();
        assert_eq!((&*entry.key, &*entry.mask), ("a \"b\"\nc.jpg", ""));
    }

    #[test]
    fn what_is_no_object_is_bad() {
        for line in ["[]", "s3://b/a.jpg", r#"{"key": 5}"#, r#"{"key": "a"#, r#""a""#] {
            assert!(entry(line).is_err(), "{line}");
        }
    }
}
