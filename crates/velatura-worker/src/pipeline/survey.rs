//! What is there already, and what has to be painted.

use futures_util::future::try_join_all;
use velatura_objects::ObjectError;

use super::Pipeline;
use super::companions::Companions;
use super::fetch::head;
use crate::{Assignment, FINGERPRINT_KEY, Fault, Fingerprint, Painting, StoredPicture};

/// All that decides a painting but the photo itself.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) painting: &'a Painting,
    pub(super) companions: Companions,
    styles: Vec<blake3::Hash>,
    versions: Vec<String>,
    /// The fingerprint that the picture at the output's place carries.
    present: Option<String>,
}

impl Plan<'_> {
    pub(super) fn fingerprint(&self, photo_version: &str, pack: blake3::Hash) -> Fingerprint {
        let versions: Vec<&str> = self.versions.iter().map(String::as_str).collect();
        Fingerprint::new(photo_version, &self.painting.recipe, &self.styles, &versions, pack)
    }

    /// Whether something of ours lies at the output's place.
    pub(super) fn is_present(&self) -> bool {
        self.present.is_some()
    }

    /// Whether what lies there was made from just this.
    pub(super) fn is_done(&self, fingerprint: Fingerprint) -> bool {
        self.present
            .as_ref()
            .is_some_and(|present| *present == fingerprint.to_string())
    }
}

impl Pipeline {
    /// Every picture of an assignment, and whether it is there already.
    pub(super) async fn foresee(&self, assignment: &Assignment) -> Result<Vec<StoredPicture>, Fault> {
        let plans = self.survey(assignment).await?;
        let (store, key) = self.stores.open(&assignment.source)?;
        let version = head(&*store, &key, assignment).await?.version;
        let picture = |plan: &Plan<'_>| {
            let fingerprint = plan.fingerprint(&version, self.pack_hash);
            let output = plan.painting.output.clone();
            StoredPicture {
                output,
                fingerprint,
                bytes: 0,
                skipped: plan.is_done(fingerprint),
            }
        };
        Ok(plans.iter().map(picture).collect())
    }

    pub(super) async fn survey<'a>(&self, assignment: &'a Assignment) -> Result<Vec<Plan<'a>>, Fault> {
        try_join_all(
            assignment
                .paintings
                .iter()
                .map(|painting| self.plan(painting, &assignment.key)),
        )
        .await
    }

    async fn plan<'a>(&self, painting: &'a Painting, key: &str) -> Result<Plan<'a>, Fault> {
        let companions = Companions::of(&painting.recipe, key)?;
        let versions = self.versions(&companions).await?;
        let styles = self.styles.hashes(&self.engine, &painting.recipe).await?;
        let (store, output) = self.stores.open(&painting.output)?;
        let present = match store.head(&output).await {
            Ok(meta) => meta.metadata.get(FINGERPRINT_KEY).cloned(),
            Err(ObjectError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Plan {
            painting,
            companions,
            styles,
            versions,
            present,
        })
    }
}
