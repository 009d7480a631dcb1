//! From a decoded photo to its pictures.

use std::sync::Arc;

use velatura_engine::Request;

use super::Pipeline;
use super::fetch::Decoded;
use super::store::Painted;
use crate::Fault;

impl Pipeline {
    /// Every wanted picture of a photo, from one depth map and one encoding.
    pub(super) async fn paint(&self, decoded: Decoded<'_>) -> Result<Vec<Result<Painted, Fault>>, Fault> {
        let Decoded { photo, wanted, share } = decoded;
        let mut paintings = Vec::with_capacity(wanted.len());
        for (plan, _) in &wanted {
            let recipe = plan.painting.recipe.clone();
            let mut painting = velatura_engine::Painting {
                code: self.styles.code(&self.engine, &recipe).await?,
                recipe,
                depth_map: None,
                region: None,
            };
            if let Some(location) = &plan.companions.depth_map {
                painting.depth_map = Some(Arc::new(self.gray(location).await?));
            }
            if let Some(location) = &plan.companions.region {
                painting.region = Some(Arc::new(self.gray(location).await?));
            }
            paintings.push(painting);
        }
        let request = Request {
            photo: Arc::new(photo.pixels),
            paintings,
        };
        let response = self.engine.paint(request).await?;
        let (alpha, metadata, share) = (photo.alpha.map(Arc::new), Arc::new(photo.metadata), Arc::new(share));
        let painted = response
            .pictures
            .into_iter()
            .zip(wanted)
            .map(|(picture, (plan, fingerprint))| {
                Ok(Painted {
                    pixels: picture?,
                    alpha: alpha.clone(),
                    metadata: metadata.clone(),
                    recipe: plan.painting.recipe.clone(),
                    output: plan.painting.output.clone(),
                    fingerprint,
                    share: share.clone(),
                })
            });
        Ok(painted.collect())
    }
}
