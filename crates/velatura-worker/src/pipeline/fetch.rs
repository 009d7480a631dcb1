//! From a location to a decoded photo.

use std::sync::Arc;

use bytes::Bytes;
use velatura_image::{Gray8, Metadata, Photo, Rgb8};
use velatura_objects::{ObjectError, ObjectMeta, ObjectStore};

use super::survey::Plan;
use super::{Pipeline, panicked};
use crate::budget::Share;
use crate::{Assignment, Fault, Fingerprint, StoredPicture};

/// A photo's bytes and what is to be painted of it.
pub(super) struct Fetched<'a> {
    body: Bytes,
    name: String,
    wanted: Vec<(Plan<'a>, Fingerprint)>,
}

/// A decoded photo and what is still to be painted of it.
pub(super) struct Decoded<'a> {
    pub(super) pixels: Arc<Rgb8>,
    pub(super) alpha: Option<Arc<Gray8>>,
    pub(super) metadata: Arc<Metadata>,
    pub(super) wanted: Vec<(Plan<'a>, Fingerprint)>,
    /// How many pictures fit into memory beside the photo.
    pub(super) at_once: usize,
    pub(super) share: Arc<Share>,
}

/// What is known of an assignment's photo.
pub(super) async fn head(
    store: &dyn ObjectStore,
    key: &str,
    assignment: &Assignment,
) -> Result<ObjectMeta, ObjectError> {
    match &assignment.version_id {
        Some(id) => store.head_version(key, id).await,
        None => store.head(key).await,
    }
}

impl Pipeline {
    /// Fetches the photo unless every picture is there already; those that are, go to `pictures`.
    pub(super) async fn fetch<'a>(
        &self,
        assignment: &'a Assignment,
        pictures: &mut Vec<StoredPicture>,
    ) -> Result<Option<Fetched<'a>>, Fault> {
        let mut plans = self.survey(assignment).await?;
        let (store, key) = self.stores.open(&assignment.source)?;
        // Asking for the version first pays only where something may be skipped.
        if plans.iter().any(Plan::is_present) {
            let version = head(&*store, &key, assignment).await?.version;
            plans.retain(|plan| {
                let fingerprint = plan.fingerprint(&version, self.pack_hash);
                let done = plan.is_done(fingerprint);
                if done {
                    let output = plan.painting.output.clone();
                    pictures.push(StoredPicture {
                        output,
                        fingerprint,
                        bytes: 0,
                        skipped: true,
                    });
                }
                !done
            });
        }
        if plans.is_empty() {
            return Ok(None);
        }
        let limit = self.limits.max_bytes;
        let object = match &assignment.version_id {
            Some(id) => store.get_version(&key, id, limit).await?,
            None => store.get(&key, limit).await?,
        };
        self.metrics.fetched_bytes_total.inc_by(object.body.len() as u64);
        let wanted = plans
            .into_iter()
            .map(|plan| {
                let fingerprint = plan.fingerprint(&object.meta.version, self.pack_hash);
                (plan, fingerprint)
            })
            .collect();
        Ok(Some(Fetched {
            body: object.body,
            name: assignment.source.to_string(),
            wanted,
        }))
    }

    /// Decodes once there is room for the photo and its pictures.
    pub(super) async fn decode<'a>(&self, fetched: Fetched<'a>) -> Result<Decoded<'a>, Fault> {
        let Fetched { body, name, wanted } = fetched;
        let header = velatura_image::probe(&body, &self.limits).map_err(|e| Fault::from(e).about(&name))?;
        let pixels = u64::from(header.width) * u64::from(header.height);
        let at_once = self.budget.pictures_beside(pixels).min(wanted.len());
        let share = self.budget.take(pixels * (1 + at_once as u64)).await;
        let limits = self.limits;
        let decoding = async {
            let decoded = tokio::task::spawn_blocking(move || velatura_image::decode(&body, &limits)).await;
            decoded.map_err(panicked)?.map_err(|e| Fault::from(e).about(&name))
        };
        let photo: Photo = self.gates.decode.pass(decoding).await?;
        for note in &photo.notes {
            tracing::info!(photo = %name, "{note}");
        }
        Ok(Decoded {
            pixels: Arc::new(photo.pixels),
            alpha: photo.alpha.map(Arc::new),
            metadata: Arc::new(photo.metadata),
            wanted,
            at_once,
            share: Arc::new(share),
        })
    }
}
