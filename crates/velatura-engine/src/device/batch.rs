use std::collections::VecDeque;

/// What a batch is made by.
pub(super) trait Batchable {
    /// Items go together when their keys are equal.
    type Key: PartialEq;

    fn key(&self) -> Self::Key;

    /// Pixels of the picture behind the item.
    fn pixels(&self) -> u64;
}

/// Takes the item that has waited longest and those that may go with it, as long as the budget of pixels lasts. The first
/// goes whatever its size; the order of those left behind stays.
///
/// A batch has 1, 2, 4, 8 … items: a GPU plans for every size of batch anew (see `Shapes`), so there are few sizes.
pub(super) fn take<T: Batchable>(waiting: &mut VecDeque<T>, budget_pixels: u64) -> Vec<T> {
    let Some(first) = waiting.front() else {
        return Vec::new();
    };
    let (key, mut pixels, mut chosen) = (first.key(), first.pixels(), vec![0]);
    for (index, item) in waiting.iter().enumerate().skip(1) {
        if pixels + item.pixels() <= budget_pixels && item.key() == key {
            pixels += item.pixels();
            chosen.push(index);
        }
    }
    chosen.truncate(1 << chosen.len().ilog2());
    // From the end, so that the places of those before stay.
    let mut batch: Vec<T> = chosen.iter().rev().filter_map(|&index| waiting.remove(index)).collect();
    batch.reverse();
    batch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Item(char, u64);

    impl Batchable for Item {
        type Key = char;

        fn key(&self) -> char {
            self.0
        }

        fn pixels(&self) -> u64 {
            self.1
        }
    }

    fn names(items: &[Item]) -> String {
        items.iter().map(|item| item.0).collect()
    }

    #[test]
    fn equal_items_go_together_within_the_budget_and_the_rest_keeps_its_order() {
        let mut waiting: VecDeque<_> = "abaacabada".chars().map(|c| Item(c, 10)).collect();
        assert_eq!(names(&take(&mut waiting, 50)), "aaaa");
        assert_eq!(names(waiting.make_contiguous()), "bcbada");
        assert_eq!(names(&take(&mut waiting, 30)), "bb");
        assert_eq!(names(waiting.make_contiguous()), "cada");
    }

    #[test]
    fn batches_have_few_sizes() {
        let sizes = |count: usize| {
            let mut waiting: VecDeque<_> = (0..count).map(|_| Item('a', 10)).collect();
            std::iter::from_fn(|| Some(take(&mut waiting, 1000).len()).filter(|&size| size > 0)).collect::<Vec<_>>()
        };
        assert_eq!(sizes(3), [2, 1]);
        assert_eq!(sizes(21), [16, 4, 1]);
    }

    #[test]
    fn one_item_goes_even_if_it_is_larger_than_the_budget() {
        let mut waiting = VecDeque::from([Item('a', 100), Item('a', 1)]);
        assert_eq!(take(&mut waiting, 0), [Item('a', 100)]);
    }

    #[test]
    fn nothing_waiting_gives_nothing() {
        assert_eq!(take(&mut VecDeque::<Item>::new(), 100), []);
    }
}
