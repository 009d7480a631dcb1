use std::borrow::Cow;
use std::time::SystemTime;

use velatura_ledger::{Item, NewTask};
use velatura_objects::{Location, ObjectError};

use super::Found;
use crate::context::Context;
use crate::submission::{Manifest, Submission};

/// What a line of a manifest says. Empty text says nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) source: Cow<'a, str>,
    pub(super) key: Cow<'a, str>,
    pub(super) version_id: Cow<'a, str>,
    pub(super) mask: Cow<'a, str>,
    pub(super) depth_map: Cow<'a, str>,
    pub(super) bytes: Option<u64>,
    pub(super) modified: Option<SystemTime>,
    /// Whether it names whatever is there, as an inventory does, rather than a photo.
    pub(super) is_listing: bool,
}

/// Why a line can't become a photo: its text, a code and a sentence.
pub(super) type Bad = (String, &'static str, String);

impl Entry<'_> {
    /// The photo, or nothing where a listing names something else.
    pub(super) fn found(
        &self,
        context: &Context,
        submission: &Submission,
        manifest: &Manifest,
    ) -> Result<Option<Found>, Bad> {
        let bad = |code, why: String| {
            let text = if self.source.is_empty() {
                &self.key
            } else {
                &self.source
            };
            (text.clone().into_owned(), code, why)
        };
        let invalid = |error: ObjectError| bad(error.code(), error.to_string());
        let location = self
            .location(manifest)
            .map_err(|why| bad("manifest-line-invalid", why))?;
        let location = Location::parse(&location).map_err(invalid)?;
        let key = match &manifest.prefix {
            None => location.key(),
            Some(prefix) => match location.key_below(prefix) {
                Some(key) => key,
                None if self.is_listing => return Ok(None),
                None => {
                    let why =
                        format!("{location} does not lie below {prefix}, which the manifest's photos are relative to");
                    return Err(bad("source-outside-prefix", why));
                }
            },
        };
        if !manifest.filter.passes(key, self.bytes, self.modified) && (self.is_listing || self.is_unwanted(manifest)) {
            return Ok(None);
        }
        if key.is_empty() || key.ends_with('/') {
            return Err(bad("source-is-folder", format!("{location} is a folder, not a photo")));
        }
        if location.key_below(&submission.outputs.destination).is_some() {
            let why = format!(
                "{location} lies inside the destination {}, where pictures could be written over it",
                submission.outputs.destination
            );
            return Err(bad("source-inside-destination", why));
        }
        self.check(context, submission, &location)
            .map_err(|(code, why)| bad(code, why))?;
        let some = |text: &Cow<'_, str>| Some(text.clone().into_owned()).filter(|text| !text.is_empty());
        let task = NewTask {
            item: Item {
                version_id: some(&self.version_id),
                mask: some(&self.mask),
                depth_map: some(&self.depth_map),
            },
            claims: submission.outputs.claims(key),
            ..NewTask::photo(location.to_string(), key)
        };
        Ok(Some(Found {
            task,
            bytes: self.bytes,
        }))
    }

    /// Whether the user's own filter leaves it out; without one, a manifest's photos may be called anything.
    fn is_unwanted(&self, manifest: &Manifest) -> bool {
        manifest.filter != Default::default()
    }

    fn location(&self, manifest: &Manifest) -> Result<String, String> {
        match (&*self.source, &*self.key, &manifest.prefix) {
            ("", "", _) => Err("it names neither a source nor a key".to_owned()),
            (source, "", _) => Ok(source.to_owned()),
            ("", key, Some(prefix)) => Ok(format!("{prefix}{key}")),
            ("", _, None) => {
                Err("it has a key, but the job has no source.prefix that it would be relative to".to_owned())
            }
            (_, _, _) => Err("it has both a source and a key: one of them says where the photo is".to_owned()),
        }
    }

    /// Whether all that it names may be used.
    fn check(
        &self,
        context: &Context,
        submission: &Submission,
        location: &Location,
    ) -> Result<(), (&'static str, String)> {
        if !self.version_id.is_empty() && matches!(location, Location::File { .. }) {
            return Err((
                "version-of-file",
                "a file has no versions: leave version_id out".to_owned(),
            ));
        }
        let companions = [&self.mask, &self.depth_map]
            .into_iter()
            .filter(|text| !text.is_empty());
        let companions = companions.map(|text| Location::parse(text));
        for place in std::iter::once(Ok(location.clone())).chain(companions) {
            let place = place.map_err(|error| (error.code(), error.to_string()))?;
            if !submission.reach.holds(&place.to_string()) {
                let why = format!(
                    "{place} is not allowed: the key that submitted the job may read {}",
                    submission.reach
                );
                return Err(("source-not-allowed", why));
            }
            let opened = context.stores.open(&place);
            opened.map_err(|error| (error.code(), error.to_string()))?;
        }
        Ok(())
    }
}
