use std::collections::VecDeque;

/// What a batch is made by.
pub(super) trait Batchable {
    /// Items go together when their keys are equal.
    type Key: PartialEq;

    fn key(&self) -> Self::Key;

    /// Pixels of the picture behind the item.
    fn pixels(&self) -> u64;
}

/// Takes the item that has waited longest and all that may go with it, as long as the budget of pixels lasts. The first
/// goes whatever its size; the order of those left behind stays.
pub(super) fn take<T: Batchable>(waiting: &mut VecDeque<T>, budget_pixels: u64) -> Vec<T> {
    let Some(first) = waiting.pop_front() else {
        return Vec::new();
    };
    let key = first.key();
    let mut pixels = first.pixels();
    let mut batch = vec![first];
    let mut index = 0;
    while index < waiting.len() {
        let fits = pixels + waiting[index].pixels() <= budget_pixels;
        if fits
            && waiting[index].key() == key
            && let Some(next) = waiting.remove(index)
        {
            pixels += next.pixels();
            batch.push(next);
        } else {
            index += 1;
        }
    }
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
        let mut waiting: VecDeque<_> = "abacbaa".chars().map(|c| Item(c, 10)).collect();
        assert_eq!(names(&take(&mut waiting, 30)), "aaa");
        assert_eq!(names(waiting.make_contiguous()), "bcba");
        assert_eq!(names(&take(&mut waiting, 30)), "bb");
        assert_eq!(names(&take(&mut waiting, 30)), "c");
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
