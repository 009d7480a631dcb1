//! Photos that were named one by one.

use velatura_ledger::NewTask;

use super::Found;
use super::place::Place;
use crate::submission::Photograph;

pub(super) fn page(photos: &[Photograph], from: usize, limit: usize) -> (Vec<Found>, Option<Place>) {
    let rest = photos.get(from..).unwrap_or_default();
    let found = |photo: &Photograph| Found {
        task: NewTask::photo(photo.location.to_string(), photo.key.clone()),
        bytes: None,
    };
    let next = (rest.len() > limit).then_some(Place::Objects { from: from + limit });
    (rest.iter().take(limit).map(found).collect(), next)
}
