use velatura_objects::Location;

use crate::CoordinatorConfig;
use crate::submission::Refusal;
use uuid::Uuid;

/// Where photos that came with a request, and the pictures of such requests, lie for a while.
#[derive(Debug)]
pub(crate) struct Staging(Location);

/// The folder of one request. Its name says when it was made, so that the cleaner needs no record.
#[derive(Debug)]
pub(crate) struct Place(Location);

impl Staging {
    /// As configured; refused where it is not.
    pub(crate) fn of(config: &CoordinatorConfig) -> Result<Self, Refusal> {
        let refused = |message: String| Refusal::new("staging-missing", "source", message);
        if config.staging.is_empty() {
            let message =
                "no place is configured where photos can wait for their painting: set staging in [coordinator]";
            return Err(refused(message.to_owned()));
        }
        let folder = format!("{}/", config.staging.trim_end_matches('/'));
        let location = Location::parse(&folder).map_err(|error| refused(format!("staging can't be used: {error}")))?;
        Ok(Self(location))
    }

    pub(crate) fn location(&self) -> &Location {
        &self.0
    }

    pub(crate) fn place(&self, id: Uuid) -> Place {
        Place(self.0.join(&format!("{id}/")))
    }

    pub(crate) fn is_within(&self, location: &str) -> bool {
        location.starts_with(&self.0.to_string())
    }
}

impl Place {
    pub(crate) fn photo(&self) -> Location {
        self.0.join("photo")
    }

    pub(crate) fn pictures(&self) -> Location {
        self.0.join("pictures/")
    }
}

/// When the place that a key below the staging folder lies in was made, in milliseconds since 1970.
pub(crate) fn made_at(key: &str) -> Option<i64> {
    let id: Uuid = key.split('/').next()?.parse().ok()?;
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    i64::try_from(seconds * 1000 + u64::from(nanoseconds) / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(staging: &str) -> CoordinatorConfig {
        CoordinatorConfig {
            staging: staging.to_owned(),
            ..CoordinatorConfig::default()
        }
    }

    #[test]
    fn a_place_says_when_it_was_made() {
        let staging = Staging::of(&config("s3://staging/paint")).unwrap();
        let place = staging.place(Uuid::now_v7()).photo();
        let key = place.key_below(staging.location()).unwrap();
        let age = crate::context::now() - made_at(key).unwrap();
        assert!((0..5000).contains(&age), "{age}");
        assert_eq!(made_at("somebody's/file"), None);
        assert!(staging.is_within(&place.to_string()) && !staging.is_within("s3://staging/other/"));
    }

    #[test]
    fn without_a_place_it_says_what_to_set() {
        let refused = Staging::of(&config("")).unwrap_err();
        assert!(refused.to_string().contains("staging in [coordinator]"), "{refused}");
    }
}
