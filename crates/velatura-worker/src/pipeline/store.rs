//! From a painted picture to a stored one.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use velatura_image::{Chroma, EncodeOptions, Gray8, Metadata, OutputFormat, Rgb8};
use velatura_objects::{Location, PutOptions};
use velatura_recipe::{Format, ORIGIN_KEY, Output, Recipe};

use super::{Pipeline, panicked};
use crate::budget::Share;
use crate::{FINGERPRINT_KEY, Fault, Fingerprint, StoredPicture};

/// A painted picture that is not stored yet.
pub(super) struct Painted {
    pub(super) pixels: Rgb8,
    pub(super) alpha: Option<Arc<Gray8>>,
    pub(super) metadata: Arc<Metadata>,
    pub(super) recipe: Arc<Recipe>,
    pub(super) output: Location,
    pub(super) fingerprint: Fingerprint,
    /// Held until the last of a photo's pictures is encoded.
    pub(super) share: Arc<Share>,
}

impl Pipeline {
    pub(super) async fn finish(&self, painted: Painted) -> Result<StoredPicture, Fault> {
        let Painted {
            pixels,
            alpha,
            metadata,
            recipe,
            output,
            fingerprint,
            share,
        } = painted;
        let options = EncodeOptions {
            format: format(&recipe.output),
            keep_exif: recipe.output.keep_exif,
            keep_gps: recipe.output.keep_gps,
            software: Some(self.record(&recipe)),
        };
        let encoding = async {
            let encode = move || {
                let alpha = alpha.as_deref().filter(|alpha| alpha.size() == pixels.size());
                velatura_image::encode(&pixels, alpha, &options, &metadata)
            };
            tokio::task::spawn_blocking(encode)
                .await
                .map_err(panicked)?
                .map_err(Fault::from)
        };
        let encoded = self.gates.encode.pass(encoding).await?;
        drop(share);
        let body = Bytes::from(encoded.bytes);
        let bytes = body.len() as u64;
        let (store, key) = self.stores.open(&output)?;
        let put = PutOptions {
            content_type: Some(recipe.output.format.content_type().to_owned()),
            metadata: BTreeMap::from([
                (FINGERPRINT_KEY.to_owned(), fingerprint.to_string()),
                (ORIGIN_KEY.to_owned(), fingerprint.origin().to_string()),
            ]),
        };
        self.gates.store.pass(store.put(&key, body, put)).await?;
        self.metrics.pictures_total.inc();
        self.metrics.stored_bytes_total.inc_by(bytes);
        Ok(StoredPicture {
            output,
            fingerprint,
            bytes,
            skipped: false,
        })
    }

    /// What made the picture, for its metadata.
    fn record(&self, recipe: &Recipe) -> String {
        let hash = recipe.hash().to_hex();
        format!(
            "Velatura {}; {}; recipe {} {}",
            env!("CARGO_PKG_VERSION"),
            self.pack,
            recipe.label(),
            &hash[..16]
        )
    }
}

fn format(output: &Output) -> OutputFormat {
    match (output.format, output.quality) {
        (Format::Jpeg, quality) => OutputFormat::Jpeg {
            quality,
            chroma: match output.chroma {
                velatura_recipe::Chroma::Full => Chroma::Full444,
                velatura_recipe::Chroma::Half => Chroma::Half420,
            },
        },
        (Format::Png, _) => OutputFormat::Png,
        (Format::Webp, 100) => OutputFormat::WebPLossless,
        (Format::Webp, quality) => OutputFormat::WebPLossy { quality },
    }
}
