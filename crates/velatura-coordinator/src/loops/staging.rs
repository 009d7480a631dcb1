use std::time::Duration;

use velatura_objects::ObjectError;

use super::round;
use crate::context::{millis, now};
use crate::lead::Lead;
use crate::staging::{Staging, made_at};

const AT_LEAST_EVERY: Duration = Duration::from_secs(60);
const PAGE: usize = 1000;

/// Deletes what was staged for requests that are long answered.
pub(super) async fn run(lead: Lead) {
    let Ok(staging) = Staging::of(&lead.config) else {
        return lead.over.cancelled().await;
    };
    let kept = Duration::from_secs_f64(lead.config.staging_seconds);
    while lead.pause((kept / 4).min(AT_LEAST_EVERY)).await {
        if let Err(error) = round(&lead, "staging", clean(&lead, &staging, kept)).await {
            tracing::warn!(%error, "what was staged can't be cleaned up now");
        }
    }
}

async fn clean(lead: &Lead, staging: &Staging, kept: Duration) -> Result<(), ObjectError> {
    let (store, prefix) = lead.stores.open(staging.location())?;
    let oldest = now() - millis(kept);
    let mut after: Option<String> = None;
    loop {
        let page = store.list(&prefix, after.as_deref(), PAGE).await?;
        for object in &page.objects {
            let made = object.key.strip_prefix(&prefix).and_then(made_at);
            match made {
                Some(made) if made < oldest => store.delete(&object.key).await?,
                // Names rise with time: what comes after is younger still.
                Some(_) => return Ok(()),
                None => {}
            }
        }
        match page.next {
            Some(next) if !lead.over.is_cancelled() => after = Some(next),
            _ => return Ok(()),
        }
    }
}
