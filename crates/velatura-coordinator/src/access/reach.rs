use std::fmt;

/// Below which places somebody may read or write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Wherever the coordinator may.
    Anywhere,
    /// Below these only; none is nowhere.
    Below(Vec<Prefix>),
}

/// A place: `s3://bucket/folder/`, a whole bucket, or with `s3://` or `file:///` a whole scheme.
///
/// It ends where a name ends: what is allowed below `s3://photos/2024` is not allowed in `s3://photos/2024-private`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prefix(String);

impl Prefix {
    /// Reads a place; a missing `/` at the end is filled in.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if matches!(text, "s3://" | "file:///") {
            return Ok(Self(text.to_owned()));
        }
        let location = velatura_objects::Location::parse(text).map_err(|error| error.to_string())?;
        let text = location.to_string();
        Ok(Self(if text.ends_with('/') { text } else { text + "/" }))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether everything that begins like this lies below the place: a location, a folder that may lack the `/` at its
    /// end, or a template up to its first placeholder.
    fn holds(&self, beginning: &str) -> bool {
        beginning.starts_with(&self.0)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Reach {
    /// As it is recorded with a job; `None` is anywhere.
    pub(crate) fn to_record(&self) -> Option<String> {
        match self {
            Self::Anywhere => None,
            Self::Below(prefixes) => {
                let places: Vec<&str> = prefixes.iter().map(Prefix::as_str).collect();
                Some(serde_json::to_string(&places).expect("text is JSON"))
            }
        }
    }

    /// As it was recorded; what can't be read is nowhere.
    pub(crate) fn recorded(text: &str) -> Self {
        let places: Vec<String> = serde_json::from_str(text).unwrap_or_default();
        Self::Below(places.into_iter().map(Prefix).collect())
    }

    /// Whether a location is allowed, or everything that a template can name. Placeholders are filled with parts of
    /// names, which never lead out of a place: a location has no `..` in a folder, and in a bucket it means nothing.
    pub(crate) fn holds(&self, place: &str) -> bool {
        let beginning = place.split('{').next().unwrap_or_default();
        match self {
            Self::Anywhere => true,
            Self::Below(prefixes) => prefixes.iter().any(|prefix| prefix.holds(beginning)),
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anywhere => f.write_str("anywhere"),
            Self::Below(prefixes) if prefixes.is_empty() => f.write_str("nowhere"),
            Self::Below(prefixes) => {
                let names: Vec<&str> = prefixes.iter().map(Prefix::as_str).collect();
                write!(f, "below {}", names.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(prefix: &str) -> Reach {
        Reach::Below(vec![Prefix::parse(prefix).unwrap()])
    }

    #[test]
    fn a_prefix_ends_where_a_name_ends() {
        for written in ["s3://b/a", "s3://b/a/"] {
            let reach = below(written);
            assert!(reach.holds("s3://b/a/x.jpg") && reach.holds("s3://b/a/"));
            for outside in [
                "s3://b/ab",
                "s3://b/ab/x.jpg",
                "s3://b/",
                "s3://ba/a/x.jpg",
                "file:///b/a/x.jpg",
            ] {
                assert!(!reach.holds(outside), "{written} holds {outside}");
            }
        }
        assert!(below("s3://b").holds("s3://b/x.jpg") && !below("s3://b").holds("s3://bb/x.jpg"));
    }

    #[test]
    fn a_scheme_is_all_of_its_places() {
        assert!(below("s3://").holds("s3://any/x.jpg") && !below("s3://").holds("file:///any/x.jpg"));
        assert!(below("file:///").holds("file:///any/x.jpg"));
    }

    #[test]
    fn a_template_must_stay_inside_whatever_fills_it() {
        let reach = below("s3://b/masks/");
        assert!(reach.holds("s3://b/masks/{path}/{stem}.png"));
        assert!(!reach.holds("s3://b/masks{path}/{stem}.png"));
        assert!(!reach.holds("s3://{stem}/masks/x.png"));
    }

    #[test]
    fn no_prefix_is_nowhere() {
        assert!(!Reach::Below(Vec::new()).holds("s3://b/x.jpg"));
        assert!(Reach::Anywhere.holds("s3://b/x.jpg"));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["", "b/a", "s3://b c/", "file:///a/../b", "*"] {
            assert!(Prefix::parse(text).is_err(), "{text}");
        }
    }
}
