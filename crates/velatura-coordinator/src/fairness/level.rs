use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// One level of fair queueing: members, and the virtual time of each.
#[derive(Debug)]
pub(super) struct Level<K> {
    /// Where the member stood that got the last place: nobody who wants places starts behind it.
    now: f64,
    /// Where each stands after what it got.
    stands: HashMap<K, f64>,
}

impl<K> Default for Level<K> {
    fn default() -> Self {
        Self {
            now: 0.0,
            stands: HashMap::new(),
        }
    }
}

impl<K: Hash + Eq + Clone> Level<K> {
    /// Which of the members that want a place is next, by its place among them: who lags behind most, the first of equals.
    pub(super) fn next<'a>(&self, wanting: impl Iterator<Item = &'a K>) -> Option<usize>
    where
        K: 'a,
    {
        let starts = wanting.map(|member| self.start(member)).enumerate();
        starts
            .min_by(|(_, one), (_, other)| one.total_cmp(other))
            .map(|(nth, _)| nth)
    }

    /// A member got a place.
    pub(super) fn got(&mut self, member: &K, weight: f64) {
        let start = self.start(member);
        self.now = self.now.max(start);
        self.stands.insert(member.clone(), start + 1.0 / weight);
    }

    /// A member did not use so many places of those that it got.
    pub(super) fn give_back<Q: Hash + Eq + ?Sized>(&mut self, member: &Q, weight: f64, places: u64)
    where
        K: Borrow<Q>,
    {
        if let Some(stands) = self.stands.get_mut(member) {
            *stands -= places as f64 / weight;
        }
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&K) -> bool) {
        self.stands.retain(|member, _| keep(member));
    }

    fn start(&self, member: &K) -> f64 {
        self.stands.get(member).copied().unwrap_or(0.0).max(self.now)
    }
}
