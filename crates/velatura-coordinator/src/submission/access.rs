use super::{Source, Submission};
use crate::access::Caller;
use crate::error::ApiError;

impl Submission {
    /// Refuses locations that the caller's key does not reach: whatever is read, and whatever is written.
    pub(crate) fn check_access(&self, caller: &Caller) -> Result<(), ApiError> {
        self.check_reading(caller, false)?;
        caller.may_write("destination.prefix", &self.outputs.destination)
    }

    /// The same for what is read; a photo that came with the request is the caller's own.
    pub(crate) fn check_reading(&self, caller: &Caller, own_photos: bool) -> Result<(), ApiError> {
        match &self.source {
            _ if own_photos => {}
            Source::Objects(photos) => photos.iter().enumerate().try_for_each(|(i, photo)| {
                caller.may_read(&format!("source.objects[{i}]"), &photo.location.to_string())
            })?,
            Source::Prefix(prefix, _) => caller.may_read("source.prefix", &prefix.to_string())?,
            Source::Manifest(manifest) => {
                if let Some(prefix) = &manifest.prefix {
                    caller.may_read("source.prefix", &prefix.to_string())?;
                }
                // A list that lies below the destination was put there by somebody who may write there.
                if manifest.location.key_below(&self.outputs.destination).is_none() {
                    caller.may_read("source.manifest.url", &manifest.location.to_string())?;
                }
            }
        }
        for (i, recipe) in self.outputs.recipes.iter().enumerate() {
            for (field, place) in beside(&recipe.wire) {
                caller.may_read(&format!("recipes[{i}].{field}"), place)?;
            }
        }
        Ok(())
    }
}

/// What a recipe names of its own: style pictures, masks and maps. House styles belong to everyone.
fn beside(recipe: &velatura_proto::v1::Recipe) -> Vec<(String, &str)> {
    let styles = recipe.styles.iter().map(|style| style.style.as_str()).enumerate();
    let mut places: Vec<(String, &str)> = styles
        .filter(|(_, style)| style.contains("://"))
        .map(|(i, style)| (format!("styles[{i}].style"), style))
        .collect();
    let map = recipe.depth.as_ref().and_then(|depth| depth.map.as_deref());
    places.extend(map.map(|map| ("depth.map".to_owned(), map)));
    places.extend(recipe.region.as_deref().map(|region| ("region".to_owned(), region)));
    places
}
