//! Masks and depth maps: pictures that belong to a photo.

use velatura_image::GrayF32;
use velatura_objects::Location;
use velatura_recipe::{Photo, Recipe, Template};

use super::{Pipeline, panicked};
use crate::Fault;

/// Where a recipe's pictures beside the photo lie.
#[derive(Debug, Clone, Default)]
pub(super) struct Companions {
    pub(super) depth_map: Option<Location>,
    pub(super) region: Option<Location>,
}

impl Companions {
    pub(super) fn of(recipe: &Recipe, key: &str) -> Result<Self, Fault> {
        let place = |template: &Option<String>| -> Result<Option<Location>, Fault> {
            let Some(text) = template else { return Ok(None) };
            let filled =
                text.parse::<Template>()?
                    .fill(Photo { key }, &recipe.label(), recipe.output.format.extension());
            Ok(Some(filled.parse()?))
        };
        Ok(Self {
            depth_map: place(&recipe.depth.map)?,
            region: place(&recipe.region)?,
        })
    }

    fn iter(&self) -> impl Iterator<Item = &Location> {
        self.depth_map.iter().chain(&self.region)
    }
}

impl Pipeline {
    pub(super) async fn versions(&self, companions: &Companions) -> Result<Vec<String>, Fault> {
        let mut versions = Vec::new();
        for location in companions.iter() {
            let (store, key) = self.stores.open(location)?;
            versions.push(store.head(&key).await?.version);
        }
        Ok(versions)
    }

    /// A mask or a map as values 0 to 1.
    pub(super) async fn gray(&self, location: &Location) -> Result<GrayF32, Fault> {
        let (store, key) = self.stores.open(location)?;
        let body = store.get(&key, self.limits.max_bytes).await?.body;
        let limits = self.limits;
        let decoded = tokio::task::spawn_blocking(move || velatura_image::decode_gray(&body, &limits));
        decoded
            .await
            .map_err(panicked)?
            .map_err(|e| Fault::from(e).about(&location.to_string()))
    }
}
