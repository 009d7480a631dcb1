//! What lies already where pictures would go.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};
use velatura_ledger::NewTask;
use velatura_objects::{Location, ObjectError};
use velatura_recipe::{ORIGIN_KEY, Origin, Recipe};

use crate::jobs::Jobs;
use crate::submission::Submission;

/// How long it may take to look at all of them.
const LOOK: Duration = Duration::from_secs(10);
/// Photos that are looked at at a time.
const LOOKS_AT_ONCE: usize = 16;

/// What lies where a photo's pictures would go.
#[derive(Default)]
struct Seen {
    /// Of those that are there.
    sizes: Vec<u64>,
    /// Whether all are there, made from the same photo by the same recipes.
    skipped: bool,
}

/// What lies where pictures would go.
#[derive(Default)]
pub(super) struct Outputs {
    /// Photos.
    pub(super) looked_at: usize,
    /// Those of them whose pictures are all there, as far as can be told.
    pub(super) skipped: usize,
    /// Pictures that are there, and what they have together.
    pub(super) pictures: usize,
    pub(super) bytes: u64,
}

impl Jobs {
    /// Looks whether the outputs of some photos are there and would be skipped, and how large they are.
    pub(super) async fn look(&self, submission: &Submission, sample: &[NewTask]) -> Outputs {
        let deadline = Instant::now() + LOOK;
        let looks: Vec<_> = sample.iter().map(|photo| self.look_at(submission, photo)).collect();
        let mut looks = stream::iter(looks).buffer_unordered(LOOKS_AT_ONCE);
        let mut outputs = Outputs::default();
        while let Ok(Some(look)) = timeout_at(deadline, looks.next()).await {
            // A place that can't be looked at says nothing.
            let Ok(seen) = look else { continue };
            outputs.looked_at += 1;
            outputs.skipped += usize::from(seen.skipped);
            outputs.pictures += seen.sizes.len();
            outputs.bytes += seen.sizes.iter().sum::<u64>();
        }
        outputs
    }

    /// Which of a photo's pictures are there, and whether they are just those that the job would paint, as far as can be
    /// said without a worker.
    async fn look_at(&self, submission: &Submission, photo: &NewTask) -> Result<Seen, ObjectError> {
        let mut seen = Seen::default();
        let mut origins = Vec::new();
        for output in submission.outputs.of(&photo.key).collect::<Vec<Location>>() {
            let (store, key) = self.context.stores.open(&output)?;
            match store.head(&key).await {
                Ok(mut meta) => {
                    seen.sizes.push(meta.size_bytes);
                    origins.push(meta.metadata.remove(ORIGIN_KEY));
                }
                Err(ObjectError::NotFound { .. }) => origins.push(None),
                Err(error) => return Err(error),
            }
        }
        if origins.iter().all(Option::is_some) {
            let version = self.version(photo).await?;
            let wanted = submission.outputs.recipes.iter().map(|recipe| {
                let recipe = Recipe::try_from(recipe.for_photo(&photo.item)).ok()?;
                Some(Origin::new(&version, &recipe).to_string())
            });
            seen.skipped = wanted.eq(origins);
        }
        Ok(seen)
    }

    async fn version(&self, photo: &NewTask) -> Result<String, ObjectError> {
        let (store, key) = self.context.stores.open(&Location::parse(&photo.source)?)?;
        let meta = match &photo.item.version_id {
            Some(id) => store.head_version(&key, id).await?,
            None => store.head(&key).await?,
        };
        Ok(meta.version)
    }
}
