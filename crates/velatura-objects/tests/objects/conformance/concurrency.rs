use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::future::join_all;
use velatura_objects::{Object, ObjectStore};

use crate::places::{list_all, noted, put, text};

type Store = Arc<dyn ObjectStore>;

/// Larger than any buffer on the way.
const SIZE: usize = 512 * 1024;

async fn put_letter(store: &Store, letter: char) {
    let body = Bytes::from(letter.to_string().repeat(SIZE));
    store
        .put("a/b", body, noted("letter", &letter.to_string()))
        .await
        .unwrap();
}

/// All bytes, and the metadata, are of one put.
fn check_whole(object: &Object) {
    let first = object.body[0];
    assert_eq!(object.body.len(), SIZE);
    assert!(
        object.body.iter().all(|byte| *byte == first),
        "bytes of two puts in one object"
    );
    assert_eq!(
        object.meta.metadata,
        noted("letter", &char::from(first).to_string()).metadata
    );
}

pub(super) async fn readers_never_see_half_a_replacement(store: Store) {
    put_letter(&store, 'a').await;
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (store, done) = (Arc::clone(&store), Arc::clone(&done));
            tokio::spawn(async move {
                let mut reads = 0;
                while !done.load(Ordering::Relaxed) {
                    check_whole(&store.get("a/b", SIZE as u64).await.unwrap());
                    let head = store.head("a/b").await.unwrap();
                    assert_eq!((head.size_bytes, head.metadata.len()), (SIZE as u64, 1));
                    reads += 1;
                }
                reads
            })
        })
        .collect();
    for letter in "bcdefghijklmnopqrstuvwxyz".chars() {
        put_letter(&store, letter).await;
    }
    done.store(true, Ordering::Relaxed);
    for reads in join_all(readers).await {
        assert!(reads.unwrap() > 0, "a reader never came to its turn");
    }
}

pub(super) async fn of_puts_at_once_one_wins_whole(store: Store) {
    join_all("abcdefgh".chars().map(|letter| put_letter(&store, letter))).await;
    check_whole(&store.get("a/b", SIZE as u64).await.unwrap());
    assert_eq!(list_all(&*store, "", 10).await.len(), 1);
}

pub(super) async fn puts_at_once_under_many_keys_all_arrive(store: Store) {
    let keys: Vec<_> = (0..60).map(|n| format!("new/{}/folder/{n}", n % 7)).collect();
    join_all(keys.iter().map(|key| put(&*store, key, key))).await;
    for key in &keys {
        assert_eq!(text(&*store, key).await, *key);
    }
}
