//! Photos below a prefix.

use velatura_ledger::{NewTask, Refusal};
use velatura_objects::{Location, Page};

use super::place::Range;
use super::{Found, Trouble};
use crate::context::Context;
use crate::submission::{Alike, Filter, OpenStems, Outputs, Submission};

/// The next page of a range, and what is left of the range.
pub(super) async fn page(
    context: &Context,
    submission: &Submission,
    (prefix, filter): (&Location, &Filter),
    mut range: Range,
) -> Result<(Vec<Found>, Option<Range>), Trouble> {
    let (store, below) = context.stores.open(prefix)?;
    let limit = context.config.page_objects as usize;
    let root = prefix.root();
    let Page { mut objects, next } = store.list(&below, range.after.as_deref(), limit).await?;
    let mut more = next;
    if let Some(until) = &range.until {
        let inside = objects.partition_point(|object| object.key <= *until);
        if inside < objects.len() {
            objects.truncate(inside);
            more = None;
        }
        more = more.filter(|last| last < until);
    }
    let mut found = Vec::with_capacity(objects.len());
    for mut object in objects {
        let passes = |key: &str| filter.passes(key, Some(object.size_bytes), object.modified);
        if !object.key.strip_prefix(&below).is_some_and(passes) {
            continue;
        }
        object.key.drain(..below.len());
        let mut task = NewTask::photo([root.as_str(), &object.key].concat(), object.key);
        check(&submission.outputs, prefix, &mut task, &mut range.open)?;
        found.push(Found {
            task,
            bytes: Some(object.size_bytes),
        });
    }
    range.after = more;
    Ok((found, range.after.is_some().then_some(range)))
}

/// Gives a photo the claims that its job needs, or the reason for which it fails alone.
fn check(outputs: &Outputs, prefix: &Location, task: &mut NewTask, open: &mut OpenStems) -> Result<(), Trouble> {
    let key = task.key.as_str();
    let clash = match outputs.check_photo(key, prefix) {
        Err(clash) => Some(clash),
        Ok(()) if outputs.alike == Alike::SameStem => open.meet(key).map(|first| outputs.collision(&first, key, key)),
        Ok(()) => None,
    };
    match clash {
        Some(clash) if outputs.skips_collisions => {
            task.refusal = Some(Refusal {
                code: clash.code().to_owned(),
                message: clash.to_string(),
            });
        }
        Some(clash) => return Err(clash.into()),
        None if outputs.alike == Alike::Anywhere => task.claims = outputs.claims(key),
        None => {}
    }
    Ok(())
}
