//! From a decoded photo to its pictures.

use std::sync::Arc;

use velatura_engine::Request;

use super::Pipeline;
use super::fetch::Decoded;
use super::store::Painted;
use crate::Fault;

impl Pipeline {
    /// The next pictures of a photo, as many as fit into memory, from one depth map and one encoding.
    pub(super) async fn paint(&self, decoded: &mut Decoded<'_>) -> Result<Vec<Result<Painted, Fault>>, Fault> {
        let now: Vec<_> = decoded
            .wanted
            .drain(..decoded.at_once.min(decoded.wanted.len()))
            .collect();
        let mut paintings = Vec::with_capacity(now.len());
        for (plan, _) in &now {
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
            photo: decoded.pixels.clone(),
            paintings,
        };
        let response = self.engine.paint(request).await?;
        let painted = response
            .pictures
            .into_iter()
            .zip(now)
            .map(|(picture, (plan, fingerprint))| {
                Ok(Painted {
                    pixels: picture?,
                    alpha: decoded.alpha.clone(),
                    metadata: decoded.metadata.clone(),
                    recipe: plan.painting.recipe.clone(),
                    output: plan.painting.output.clone(),
                    fingerprint,
                    share: decoded.share.clone(),
                })
            });
        Ok(painted.collect())
    }
}
