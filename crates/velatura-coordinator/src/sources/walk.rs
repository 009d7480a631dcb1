use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::task::JoinError;
use tokio_util::task::AbortOnDropHandle;
use velatura_objects::Location;

use super::manifest::Reader;
use super::place::{Cursor, Line, Place, Range};
use super::{Found, Trouble, listing, named, split};
use crate::context::Context;
use crate::submission::{Source, Submission};

/// A range that gave so many full pages in a row is long enough to be divided.
const LONG: u32 = 2;

/// A search through a source. Pages come in the order in which they are found; what [`Walk::cursor`] says fits to those
/// that have come.
pub(crate) struct Walk {
    context: Arc<Context>,
    submission: Arc<Submission>,
    /// Where each strand goes on that has not ended.
    places: BTreeMap<u32, Place>,
    next_strand: u32,
    under_way: FuturesUnordered<Step>,
    /// Strands that are to take their next step.
    idle: Vec<(u32, Option<Box<Reader>>)>,
    /// Full pages in a row, by strand.
    full: BTreeMap<u32, u32>,
    splitting: bool,
}

type Step = Pin<Box<dyn Future<Output = Stepped> + Send>>;

enum Stepped {
    Page {
        strand: u32,
        reader: Option<Box<Reader>>,
        page: Result<(Vec<Found>, Option<Place>), Trouble>,
    },
    Split {
        strand: u32,
        divided: Result<(Option<String>, Option<Range>), Trouble>,
    },
}

impl Walk {
    /// A search from the start, or from where another one was.
    pub(crate) fn new(context: &Arc<Context>, submission: &Arc<Submission>, from: Option<Cursor>) -> Self {
        let start = || match &submission.source {
            Source::Objects(_) => Place::Objects { from: 0 },
            Source::Prefix(..) => Place::Range(Range::default()),
            Source::Manifest(_) => Place::Manifest(Line::default()),
        };
        let places = from.map_or_else(|| vec![start()], |cursor| cursor.0);
        let mut walk = Self {
            context: Arc::clone(context),
            submission: Arc::clone(submission),
            places: BTreeMap::new(),
            next_strand: 0,
            under_way: FuturesUnordered::new(),
            idle: Vec::new(),
            full: BTreeMap::new(),
            splitting: false,
        };
        places.into_iter().for_each(|place| walk.add(place));
        walk
    }

    /// Where another search goes on to find what this one has not given yet.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor(self.places.values().cloned().collect())
    }

    /// The next page; `None` when all are found. Not to be called again after trouble. Nothing is lost when it is
    /// dropped before it is ready.
    pub(crate) async fn next(&mut self) -> Option<Result<Vec<Found>, Trouble>> {
        loop {
            for (strand, reader) in std::mem::take(&mut self.idle) {
                self.step(strand, reader);
            }
            match self.under_way.next().await? {
                Stepped::Page { strand, reader, page } => match page {
                    Ok((found, next)) => return Some(Ok(self.stepped(strand, reader, found, next))),
                    Err(trouble) => return Some(Err(trouble)),
                },
                Stepped::Split { strand, divided } => {
                    self.splitting = false;
                    match divided {
                        Ok((until, other)) => self.divide(strand, until, other),
                        Err(trouble) => return Some(Err(trouble)),
                    }
                }
            }
        }
    }

    fn add(&mut self, place: Place) {
        self.places.insert(self.next_strand, place);
        self.idle.push((self.next_strand, None));
        self.next_strand += 1;
    }

    /// Takes note of a page. Where its range was divided while it was listed, what belongs to the other one is left out.
    fn stepped(
        &mut self,
        strand: u32,
        reader: Option<Box<Reader>>,
        mut found: Vec<Found>,
        mut next: Option<Place>,
    ) -> Vec<Found> {
        if let (Some(Place::Range(Range { until: Some(until), .. })), Source::Prefix(prefix, _)) =
            (self.places.get(&strand), &self.submission.source)
        {
            let until = until.clone();
            let below = prefix_key(&self.context, prefix);
            let last = until.strip_prefix(&below).unwrap_or_default();
            found.truncate(found.partition_point(|found| found.task.key.as_str() <= last));
            if let Some(Place::Range(range)) = &mut next {
                match range.after.as_ref().is_some_and(|after| *after < until) {
                    true => range.until = Some(until),
                    false => next = None,
                }
            }
        }
        match next {
            Some(place) => {
                self.places.insert(strand, place);
                self.idle.push((strand, reader));
                *self.full.entry(strand).or_default() += 1;
                self.split(strand);
            }
            None => {
                self.places.remove(&strand);
                self.full.remove(&strand);
            }
        }
        found
    }

    fn step(&mut self, strand: u32, reader: Option<Box<Reader>>) {
        let place = self.places[&strand].clone();
        let (context, submission) = (Arc::clone(&self.context), Arc::clone(&self.submission));
        // Tasks of their own, so that pages are read on all cores.
        let step = AbortOnDropHandle::new(tokio::spawn(async move {
            // Pages of all jobs take turns, in the order in which they were wanted.
            let _turn = context.listings.acquire().await.expect("it is never closed");
            let (reader, page) = page(&context, &submission, place, reader).await;
            Stepped::Page { strand, reader, page }
        }));
        self.under_way.push(Box::pin(async move {
            match step.await.map_err(JoinError::try_into_panic) {
                Ok(stepped) => stepped,
                Err(Ok(panic)) => std::panic::resume_unwind(panic),
                // The runtime is ending, and nobody waits any more.
                Err(Err(_)) => std::future::pending().await,
            }
        }));
    }

    /// Divides a strand that has turned out to be long, if another one may be under way beside it.
    fn split(&mut self, strand: u32) {
        let Source::Prefix(prefix @ Location::S3 { .. }, _) = &self.submission.source else {
            return;
        };
        let may = self.places.len() < self.context.config.listing_ranges as usize && !self.splitting;
        let Some(Place::Range(range)) = self.places.get(&strand).filter(|_| may && self.full[&strand] >= LONG) else {
            return;
        };
        self.splitting = true;
        self.full.insert(strand, 0);
        let (context, prefix, range) = (Arc::clone(&self.context), prefix.clone(), range.clone());
        self.under_way.push(Box::pin(async move {
            let divided = split::split(&context, &prefix, &range).await;
            Stepped::Split { strand, divided }
        }));
    }

    /// The strand may have gone on, or ended, while the place was looked for: what it has passed is not divided.
    fn divide(&mut self, strand: u32, until: Option<String>, other: Option<Range>) {
        let Some(Place::Range(range)) = self.places.get_mut(&strand) else {
            return;
        };
        let passed = |end: &String| range.after.as_ref().is_some_and(|after| after >= end);
        if until.as_ref().is_some_and(passed) {
            return;
        }
        range.until = until;
        if let Some(other) = other {
            self.add(Place::Range(other));
        }
    }
}

fn prefix_key(context: &Context, prefix: &Location) -> String {
    context.stores.open(prefix).map(|(_, key)| key).unwrap_or_default()
}

async fn page(
    context: &Context,
    submission: &Submission,
    place: Place,
    reader: Option<Box<Reader>>,
) -> (Option<Box<Reader>>, Result<(Vec<Found>, Option<Place>), Trouble>) {
    let limit = context.config.page_objects as usize;
    match (&submission.source, place) {
        (Source::Objects(photos), Place::Objects { from }) => (None, Ok(named::page(photos, from, limit))),
        (Source::Prefix(prefix, filter), Place::Range(range)) => {
            let page = listing::page(context, submission, (prefix, filter), range).await;
            (None, page.map(|(found, next)| (found, next.map(Place::Range))))
        }
        (Source::Manifest(manifest), Place::Manifest(line)) => {
            let reader = match reader {
                Some(reader) => Ok(reader),
                None => Reader::open(context, manifest, &line).await.map(Box::new),
            };
            match reader {
                Ok(mut reader) => {
                    let page = reader.page(context, submission, manifest, limit).await;
                    (
                        Some(reader),
                        page.map(|(found, next)| (found, next.map(Place::Manifest))),
                    )
                }
                Err(trouble) => (None, Err(trouble)),
            }
        }
        (_, place) => {
            let reason = format!("its recorded cursor {place:?} belongs to another kind of source");
            (None, Err(Trouble::last("cursor-unreadable", reason)))
        }
    }
}
