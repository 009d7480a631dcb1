use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use moka::future::Cache;
use velatura_engine::{Engine, StyleCode};
use velatura_image::Limits;
use velatura_objects::{Location, Stores};
use velatura_recipe::Recipe;

use crate::{Fault, StyleLibrary};

/// Style pictures and their codes, each fetched and computed once however many photos ask for it at the same time.
#[derive(Debug)]
pub struct StyleBook {
    library: StyleLibrary,
    stores: Arc<Stores>,
    limits: Limits,
    pictures: Cache<String, StylePicture>,
    codes: Cache<(blake3::Hash, u32), Arc<StyleCode>>,
}

#[derive(Debug, Clone)]
struct StylePicture {
    hash: blake3::Hash,
    bytes: Bytes,
}

impl StyleBook {
    /// A book that trusts a picture for so long before it asks its source again.
    pub fn new(library: StyleLibrary, stores: Arc<Stores>, limits: Limits, trust: Duration) -> Self {
        Self {
            library,
            stores,
            limits,
            pictures: Cache::builder().max_capacity(256).time_to_live(trust).build(),
            codes: Cache::builder().max_capacity(16_384).build(),
        }
    }

    /// The hashes of a recipe's style pictures, in its order: part of the fingerprint. None where the style is the pack's
    /// own, and pictures are of no importance.
    pub(crate) async fn hashes(&self, engine: &Engine, recipe: &Recipe) -> Result<Vec<blake3::Hash>, Fault> {
        if has_its_own(engine) {
            return Ok(Vec::new());
        }
        let mut hashes = Vec::with_capacity(recipe.styles.len());
        for style in &recipe.styles {
            hashes.push(self.picture(&style.style).await?.hash);
        }
        Ok(hashes)
    }

    /// The mixed code of a recipe's styles.
    pub(crate) async fn code(&self, engine: &Engine, recipe: &Recipe) -> Result<Arc<StyleCode>, Fault> {
        if has_its_own(engine) {
            return Ok(Arc::new(StyleCode::new(Vec::new())));
        }
        let mut mixture = Vec::with_capacity(recipe.styles.len());
        for style in &recipe.styles {
            let picture = self.picture(&style.style).await?;
            let code = self.code_of(engine, &style.style, picture, recipe.stroke_scale).await?;
            mixture.push((code, style.weight));
        }
        match &mixture[..] {
            [(only, _)] => Ok(only.clone()),
            several => {
                let parts: Vec<_> = several.iter().map(|(code, weight)| (code.as_ref(), *weight)).collect();
                let mixed = StyleCode::mixed(&parts);
                mixed.map(Arc::new).ok_or_else(|| {
                    Fault::permanent("style-mixture", "these styles can't be mixed: check their weights")
                })
            }
        }
    }

    async fn code_of(
        &self,
        engine: &Engine,
        reference: &str,
        picture: StylePicture,
        stroke_scale: u32,
    ) -> Result<Arc<StyleCode>, Fault> {
        let limits = self.limits;
        let computed = self.codes.try_get_with((picture.hash, stroke_scale), async move {
            let decode = move || velatura_image::decode(&picture.bytes, &limits);
            let photo = tokio::task::spawn_blocking(decode)
                .await
                .map_err(crate::pipeline::panicked)??;
            Ok::<_, Fault>(Arc::new(engine.style(Arc::new(photo.pixels), stroke_scale).await?))
        });
        computed
            .await
            .map_err(|fault| fault.as_ref().clone().about(&format!("the style {reference:?}")))
    }

    async fn picture(&self, reference: &str) -> Result<StylePicture, Fault> {
        let fetched = self.pictures.try_get_with_by_ref(reference, async {
            let bytes = self.fetch(reference).await?;
            Ok::<_, Fault>(StylePicture {
                hash: blake3::hash(&bytes),
                bytes,
            })
        });
        fetched.await.map_err(|fault| fault.as_ref().clone())
    }

    async fn fetch(&self, reference: &str) -> Result<Bytes, Fault> {
        if let Some(path) = self.library.picture(reference) {
            let read = tokio::fs::read(&path).await;
            return read
                .map(Bytes::from)
                .map_err(|e| Fault::permanent("style-unreadable", format!("{}: {e}", path.display())));
        }
        if !reference.contains("://") {
            let names = self.library.names();
            return Err(Fault::permanent(
                "unknown-style",
                format!(
                    "there is no house style {reference:?}; there are: {names}. A picture is named as s3:// or file://"
                ),
            ));
        }
        let location: Location = reference.parse()?;
        let (store, key) = self.stores.open(&location)?;
        let object = store.get(&key, self.limits.max_bytes).await;
        object
            .map(|o| o.body)
            .map_err(|e| Fault::from(e).about(&format!("the style {reference:?}")))
    }
}

/// Whether the pack paints in one style only, which is in its weights.
fn has_its_own(engine: &Engine) -> bool {
    engine.pack().paint().code_length() == 0
}
