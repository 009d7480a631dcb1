use velatura_ledger::NewTask;
use velatura_objects::{Location, ObjectError};
use velatura_recipe::Photo;

use super::Page;
use super::cursor::Cursor;
use crate::context::Context;
use crate::submission::{Alike, Clash, OpenStems, Photograph, Source, Submission};

/// Why a page can't be had.
pub(super) enum Trouble {
    /// It may be had later.
    Passing(ObjectError),
    /// The job can't be expanded.
    Final(String),
}

impl From<ObjectError> for Trouble {
    fn from(error: ObjectError) -> Self {
        if error.is_transient() {
            Self::Passing(error)
        } else {
            Self::Final(format!("its photos can't be listed: {error}"))
        }
    }
}

impl From<Clash> for Trouble {
    fn from(clash: Clash) -> Self {
        Self::Final(clash.to_string())
    }
}

pub(super) async fn page(context: &Context, submission: &Submission, cursor: Cursor) -> Result<Page, Trouble> {
    let limit = context.config.page_objects as usize;
    match (&submission.source, cursor) {
        (Source::Objects(photos), Cursor::Start) => Ok(named(photos, 0, limit)),
        (Source::Objects(photos), Cursor::Objects { from }) => Ok(named(photos, from, limit)),
        (Source::Prefix(prefix), Cursor::Start) => {
            listed(context, submission, prefix, None, OpenStems::default(), limit).await
        }
        (Source::Prefix(prefix), Cursor::Prefix { after, open }) => {
            listed(context, submission, prefix, Some(after), open, limit).await
        }
        (_, cursor) => Err(Trouble::Final(format!(
            "its recorded cursor {cursor:?} belongs to another kind of source"
        ))),
    }
}

fn named(photos: &[Photograph], from: usize, limit: usize) -> Page {
    let rest = photos.get(from..).unwrap_or_default();
    let task = |photo: &Photograph| NewTask::photo(photo.location.to_string(), photo.key.clone());
    Page {
        tasks: rest.iter().take(limit).map(task).collect(),
        next: (rest.len() > limit).then_some(Cursor::Objects { from: from + limit }),
    }
}

async fn listed(
    context: &Context,
    submission: &Submission,
    prefix: &Location,
    after: Option<String>,
    mut open: OpenStems,
    limit: usize,
) -> Result<Page, Trouble> {
    let (store, below) = context.stores.open(prefix)?;
    let page = store.list(&below, after.as_deref(), limit).await?;
    let mut tasks = Vec::with_capacity(page.objects.len());
    for object in &page.objects {
        let Some(key) = object
            .key
            .strip_prefix(&below)
            .filter(|key| Photo { key }.is_named_as_photo())
        else {
            continue;
        };
        if submission.outputs.alike == Alike::SameStem
            && let Some(first) = open.meet(key)
        {
            return Err(submission.outputs.collision(&first, key).into());
        }
        submission.outputs.check_photo(key, prefix)?;
        tasks.push(NewTask::photo(prefix.join(key).to_string(), key));
    }
    Ok(Page {
        tasks,
        next: page.next.map(|after| Cursor::Prefix { after, open }),
    })
}
