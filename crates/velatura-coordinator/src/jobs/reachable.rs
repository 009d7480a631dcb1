use std::time::Duration;

use velatura_objects::{Location, ObjectError};

use super::Jobs;
use crate::submission::{Refusal, Source, Submission};

/// How long a storage may take to say that something is wrong. One that is away now is waited for by the job.
const WITHIN: Duration = Duration::from_secs(5);

impl Jobs {
    /// Refuses what storage says at once can't be done: a bucket that is not there, no leave to list or read it, nothing
    /// below a prefix, a manifest that does not exist.
    pub(super) async fn check_reachable(&self, submission: &Submission) -> Result<(), Refusal> {
        let checks = async {
            match &submission.source {
                Source::Objects(_) => {}
                Source::Prefix(prefix, _) => self.check_prefix(prefix).await?,
                Source::Manifest(manifest) => {
                    let meta = self.head(&manifest.location).await;
                    refusal("source.manifest.url", meta)?;
                }
            }
            // Nothing lies there; but whether it could is known.
            let probe = submission.outputs.destination.join("_velatura/probe");
            match self.head(&probe).await {
                Err(ObjectError::NotFound { .. }) => Ok(()),
                other => refusal("destination.prefix", other),
            }
        };
        tokio::time::timeout(WITHIN, checks).await.unwrap_or(Ok(()))
    }

    async fn check_prefix(&self, prefix: &Location) -> Result<(), Refusal> {
        const FIELD: &str = "source.prefix";
        let listed = async {
            let (store, below) = self.context.stores.open(prefix)?;
            store.list(&below, None, 1).await
        };
        match listed.await {
            Ok(page) if page.objects.is_empty() && page.next.is_none() => {
                let message = format!("there is nothing below {prefix}: check the location, and for slips of the pen");
                Err(Refusal::new("source-empty", FIELD, message))
            }
            other => refusal(FIELD, other.map(drop)),
        }
    }

    async fn head(&self, location: &Location) -> Result<(), ObjectError> {
        let (store, key) = self.context.stores.open(location)?;
        store.head(&key).await.map(drop)
    }
}

fn refusal(field: &str, asked: Result<(), ObjectError>) -> Result<(), Refusal> {
    match asked {
        Err(error) if !error.is_transient() => Err(Refusal::location(field, &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}
