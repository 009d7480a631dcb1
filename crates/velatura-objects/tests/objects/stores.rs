use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use velatura_objects::{Location, ObjectError, ObjectsConfig, Stores};

use crate::places::{put, text};

fn stores(roots: &[PathBuf]) -> Stores {
    Stores::new(ObjectsConfig {
        local_roots: roots.to_vec(),
        ..ObjectsConfig::default()
    })
}

fn refused(stores: &Stores, location: &str) -> ObjectError {
    stores
        .open(&Location::parse(location).unwrap())
        .map(|(_, key)| key)
        .unwrap_err()
}

#[tokio::test]
async fn a_file_opens_the_innermost_root_around_it() {
    let folder = TempDir::new().unwrap();
    let inner = folder.path().join("in ner+%20");
    fs::create_dir(&inner).unwrap();
    let stores = stores(&[folder.path().to_owned(), inner.clone()]);
    let at = |path: &str| Location::of_path(folder.path()).unwrap().join(path);
    let (outer_store, key) = stores.open(&at("a/b.jpg")).unwrap();
    assert_eq!(key, "a/b.jpg");
    let (inner_store, key) = stores.open(&at("in ner+%20/c d.jpg")).unwrap();
    assert_eq!(key, "c d.jpg");
    assert!(!Arc::ptr_eq(&outer_store, &inner_store));
    put(&*inner_store, &key, "x").await;
    assert_eq!(text(&*outer_store, "in ner+%20/c d.jpg").await, "x");
    for (prefix, expected) in [
        ("", ""),
        ("a/", "a/"),
        ("a", "a"),
        ("in ner+%20/", ""),
        ("in ner+%20/x/", "x/"),
    ] {
        assert_eq!(stores.open(&at(prefix)).unwrap().1, expected, "{prefix:?}");
    }
}

#[test]
fn a_store_is_opened_once() {
    let folder = TempDir::new().unwrap();
    let stores = stores(&[folder.path().to_owned()]);
    let root = Location::of_path(folder.path()).unwrap();
    let open = |location: &Location| stores.open(location).unwrap().0;
    assert!(Arc::ptr_eq(&open(&root), &open(&root.join("a"))));
    let bucket = Location::parse("s3://photos").unwrap();
    assert!(Arc::ptr_eq(&open(&bucket), &open(&bucket.join("a"))));
    assert!(!Arc::ptr_eq(
        &open(&bucket),
        &open(&Location::parse("s3://other").unwrap())
    ));
    assert_eq!(stores.open(&bucket.join("a b")).unwrap().1, "a b");
}

#[test]
fn a_file_outside_the_roots_is_refused_with_the_rule() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("photos");
    fs::create_dir(&root).unwrap();
    let with_root = stores(std::slice::from_ref(&root));
    let beside = format!("file://{}-of-others/a.jpg", root.display());
    for location in ["file:///etc/passwd", "file:///", &beside] {
        let error = refused(&with_root, location);
        assert_eq!(error.code(), "location-outside");
        let message = error.to_string();
        assert!(
            message.starts_with(location) && message.contains(&root.display().to_string()),
            "{message}"
        );
        assert!(message.contains("local_roots"), "{message}");
    }
    let message = refused(&stores(&[]), "file:///etc/passwd").to_string();
    assert!(
        message.contains("local_roots names none, so add its folder there"),
        "{message}"
    );
}

#[test]
fn a_root_that_can_not_be_one_is_refused() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing");
    let error = refused(
        &stores(std::slice::from_ref(&missing)),
        &format!("file://{}/a.jpg", missing.display()),
    );
    assert_eq!(error.code(), "bucket-not-found");
    assert!(error.to_string().contains("create it"), "{error}");
    let error = refused(&stores(&["photos".into()]), "file:///photos/a.jpg");
    assert_eq!(error.code(), "objects-config-invalid");
    assert!(error.to_string().contains("every root must be absolute"), "{error}");
}
