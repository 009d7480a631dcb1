//! Dividing a range of a listing that turned out to be long, so that several pages of it are under way at once.

use velatura_objects::Location;

use super::Trouble;
use super::middle::middle;
use super::place::Range;
use crate::context::Context;

/// The most requests for the place of one division. Each halves the characters that the next key may begin with.
const MOST_PROBES: usize = 48;

/// Finds a place that has photos behind it: the range ends there from now on, and the other begins. Where nothing lies
/// behind any place, only the end is found.
pub(super) async fn split(
    context: &Context,
    prefix: &Location,
    range: &Range,
) -> Result<(Option<String>, Option<Range>), Trouble> {
    let (store, below) = context.stores.open(prefix)?;
    let mut until = range.until.clone();
    for _ in 0..MOST_PROBES {
        let Some(place) = middle(&below, range.after.as_deref(), until.as_deref()) else {
            break;
        };
        let behind = store.list(&below, Some(&place), 1).await?.objects.pop();
        let is_inside = |key: &String| until.as_ref().is_none_or(|until| key <= until);
        if behind.map(|object| object.key).as_ref().is_some_and(is_inside) {
            let other = Range {
                after: Some(place.clone()),
                until,
                ..Range::default()
            };
            return Ok((Some(place), Some(other)));
        }
        until = Some(place);
    }
    Ok((until, None))
}
