use std::sync::Arc;

use futures_util::{StreamExt, stream};
use velatura_objects::ObjectStore;

use crate::places::{keys, list_all, put};

type Store = Arc<dyn ObjectStore>;

/// In byte order: what a folder holds comes where its slash belongs, after `-` and `.` and before `0`.
const ORDERED: [&str; 11] = [
    "A", "a b", "a-b/x", "a.jpg", "a/b/c/d", "a/b/c0", "a/b0", "a/x", "a0/x", "b", "ä/x",
];

async fn fill(store: &Store) {
    for key in ORDERED.iter().rev() {
        put(&**store, key, key).await;
    }
}

pub(super) async fn keys_come_in_the_order_of_their_bytes(store: Store) {
    fill(&store).await;
    let listed = list_all(&*store, "", 1000).await;
    assert_eq!(keys(&listed), ORDERED);
    assert!(listed.iter().all(|object| object.size_bytes == object.key.len() as u64));
}

pub(super) async fn a_prefix_need_not_end_at_a_slash(store: Store) {
    fill(&store).await;
    for prefix in [
        "", "a", "a/", "a/b", "a/b/", "a/b/c", "a/b/c/", "a/b/c/d", "a/x", "ä", "ä/",
    ] {
        let expected: Vec<_> = ORDERED.into_iter().filter(|key| key.starts_with(prefix)).collect();
        assert_eq!(keys(&list_all(&*store, prefix, 2).await), expected, "below {prefix:?}");
    }
}

pub(super) async fn nothing_below_a_prefix_is_an_empty_page(store: Store) {
    fill(&store).await;
    for prefix in ["nothing", "nothing/", "nothing/at/all/", "a/nothing", "b/", "a.jpg/x"] {
        let page = store.list(prefix, None, 10).await.unwrap();
        assert_eq!((page.objects, page.next), (vec![], None), "below {prefix:?}");
    }
}

pub(super) async fn pages_meet_without_gap_or_overlap(store: Store) {
    fill(&store).await;
    for size in 1..=ORDERED.len() + 1 {
        assert_eq!(keys(&list_all(&*store, "", size).await), ORDERED, "in pages of {size}");
    }
    let page = store.list("", None, 3).await.unwrap();
    assert_eq!((keys(&page.objects).len(), page.next.as_deref()), (3, Some(ORDERED[2])));
}

pub(super) async fn a_listing_goes_on_after_any_key(store: Store) {
    fill(&store).await;
    let between = [
        "!", "a", "a/", "a/b", "a/b/", "a/b/c/", "a/b/c/e", "a/c", "a0", "a1", "b/", "zzz", "ä/x", "ö",
    ];
    for prefix in ["", "a/", "a/b"] {
        for after in ORDERED.into_iter().chain(between) {
            let expected: Vec<_> = ORDERED
                .into_iter()
                .filter(|key| key.starts_with(prefix) && *key > after)
                .collect();
            let page = store.list(prefix, Some(after), 100).await.unwrap();
            assert_eq!(keys(&page.objects), expected, "below {prefix:?} after {after:?}");
        }
    }
}

pub(super) async fn thousands_of_keys_come_in_pages(store: Store) {
    // Below folders and beside them, with numbers that are not padded: 10 comes before 9.
    let mut expected: Vec<_> = (0..2_500).map(|n| format!("p/{}/{n}", n % 3)).collect();
    let puts = expected.iter().map(|key| put(&*store, key, "x"));
    assert_eq!(stream::iter(puts).buffer_unordered(16).count().await, 2_500);
    expected.sort_unstable();
    let (mut pages, mut listed, mut after) = (Vec::new(), Vec::new(), None::<String>);
    loop {
        let page = store.list("p/", after.as_deref(), 5_000).await.unwrap();
        pages.push(page.objects.len());
        listed.extend(page.objects.into_iter().map(|object| object.key));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, [1000, 1000, 500], "a page has at most 1000");
    assert_eq!(listed, expected);
}

pub(super) async fn deleting_what_was_listed_skips_nothing(store: Store) {
    fill(&store).await;
    let (mut seen, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = store.list("", after.as_deref(), 2).await.unwrap();
        for object in page.objects {
            store.delete(&object.key).await.unwrap();
            seen.push(object.key);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ORDERED);
    assert_eq!(list_all(&*store, "", 10).await, []);
}
