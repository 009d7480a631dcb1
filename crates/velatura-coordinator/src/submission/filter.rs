use std::time::SystemTime;

use jiff::Timestamp;
use velatura_proto::v1;
use velatura_recipe::Photo;

use super::Refusal;

/// Which of the objects that a listing finds are a job's photos.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// In lower case; empty is every kind of picture that is known.
    suffixes: Vec<String>,
    min_bytes: Option<u64>,
    max_bytes: Option<u64>,
    after: Option<SystemTime>,
    before: Option<SystemTime>,
}

impl Filter {
    pub(super) fn read(wire: &v1::Filter) -> Result<Self, Refusal> {
        if let Some(i) = wire.suffixes.iter().position(String::is_empty) {
            let message = "an empty ending lets everything pass: leave suffixes out for every kind of picture";
            return Err(invalid(&format!("suffixes[{i}]"), message));
        }
        let filter = Self {
            suffixes: wire.suffixes.iter().map(|suffix| suffix.to_lowercase()).collect(),
            min_bytes: wire.min_bytes,
            max_bytes: wire.max_bytes,
            after: time("modified_after", &wire.modified_after)?,
            before: time("modified_before", &wire.modified_before)?,
        };
        if filter.max_bytes.is_some_and(|max| filter.min_bytes.unwrap_or(0) > max) {
            return Err(invalid(
                "min_bytes",
                "min_bytes is above max_bytes, so that nothing can pass",
            ));
        }
        if filter
            .before
            .is_some_and(|before| filter.after.is_some_and(|after| after >= before))
        {
            let message = "modified_after is not before modified_before, so that nothing can pass";
            return Err(invalid("modified_after", message));
        }
        Ok(filter)
    }

    pub(crate) fn passes(&self, key: &str, bytes: Option<u64>, modified: Option<SystemTime>) -> bool {
        self.has_ending(key)
            && !bytes.is_some_and(|bytes| {
                self.min_bytes.is_some_and(|min| bytes < min) || self.max_bytes.is_some_and(|max| bytes > max)
            })
            && !modified.is_some_and(|at| {
                self.after.is_some_and(|after| at < after) || self.before.is_some_and(|before| at >= before)
            })
    }

    fn has_ending(&self, key: &str) -> bool {
        if self.suffixes.is_empty() {
            return Photo { key }.is_named_as_photo();
        }
        // A key that ends in a slash stands for a folder.
        !key.ends_with('/') && {
            let key = key.to_lowercase();
            self.suffixes.iter().any(|suffix| key.ends_with(suffix.as_str()))
        }
    }

    /// What must be known of objects to use it, for those whose source does not say.
    pub(super) fn needs_sizes_or_times(&self) -> bool {
        self.min_bytes.is_some() || self.max_bytes.is_some() || self.after.is_some() || self.before.is_some()
    }
}

fn time(name: &str, text: &str) -> Result<Option<SystemTime>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let read: Timestamp = text.parse().map_err(|_| {
        invalid(
            name,
            &format!("{text:?} is no time of day with its zone: write it as 2026-11-25T00:00:00Z"),
        )
    })?;
    Ok(Some(read.into()))
}

fn invalid(name: &str, message: &str) -> Refusal {
    Refusal::new("filter-invalid", format!("source.filter.{name}"), message)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn read(json: &str) -> Result<Filter, Refusal> {
        Filter::read(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn endings_count_in_any_case() {
        let filter = read(r#"{"suffixes": [".JPG", "_edited.tif"]}"#).unwrap();
        for (key, passes) in [
            ("a.jpg", true),
            ("A.JPG", true),
            ("x_EDITED.tif", true),
            ("x.tif", false),
            ("a.jpg/", false),
        ] {
            assert_eq!(filter.passes(key, None, None), passes, "{key}");
        }
        assert!(Filter::default().passes("a.png", None, None) && !Filter::default().passes("a.txt", None, None));
    }

    #[test]
    fn sizes_are_included_and_times_half_open() {
        let filter = read(
            r#"{"min_bytes": "10", "max_bytes": "20", "modified_after": "1970-01-01T00:00:10Z",
                "modified_before": "1970-01-01T01:00:20+01:00"}"#,
        )
        .unwrap();
        let passes =
            |bytes, second| filter.passes("a.jpg", Some(bytes), Some(UNIX_EPOCH + Duration::from_secs(second)));
        assert!(passes(10, 10) && passes(20, 19));
        assert!(!passes(9, 15) && !passes(21, 15) && !passes(15, 9) && !passes(15, 20));
    }

    #[test]
    fn what_lets_nothing_pass_is_refused_by_name() {
        for (json, field) in [
            (r#"{"min_bytes": 2, "max_bytes": 1}"#, "min_bytes"),
            (r#"{"modified_after": "yesterday"}"#, "modified_after"),
            (r#"{"modified_before": "2026-11-25"}"#, "modified_before"),
            (
                r#"{"modified_after": "2026-01-01T00:00:00Z", "modified_before": "2026-01-01T00:00:00Z"}"#,
                "modified_after",
            ),
            (r#"{"suffixes": [".jpg", ""]}"#, "suffixes[1]"),
        ] {
            let refusal = read(json).unwrap_err();
            assert_eq!(
                (refusal.code, refusal.field),
                ("filter-invalid", format!("source.filter.{field}"))
            );
        }
    }
}
