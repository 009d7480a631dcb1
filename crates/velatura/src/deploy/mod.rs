//! What is written about the program, held to the program: every metric, command, flag, key, variable and path that
//! `deploy/`, the chart and the documentation use must exist. The tools of `cargo xtask deploy` know the formats; only
//! this binary knows its own names.

mod commands;
mod dashboards;
mod image;
mod keys;
mod links;
mod markdown;
mod promql;

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a folder or file of the repository whose name ends so, with its text.
fn files(places: &[&str], ending: &str) -> Vec<(PathBuf, String)> {
    let below = |place: &&str| {
        walkdir::WalkDir::new(root().join(place))
            .follow_links(true)
            .sort_by_file_name()
    };
    let found = places.iter().flat_map(below).map(|entry| entry.unwrap().into_path());
    let found: Vec<_> = found
        .filter(|path| path.is_file() && path.to_string_lossy().ends_with(ending))
        .map(|path| (path.clone(), read(&path)))
        .collect();
    assert!(!found.is_empty(), "nothing in {places:?} ends with {ending}");
    found
}

/// The documents that an operator follows.
fn documents() -> Vec<(PathBuf, String)> {
    files(&["docs", "README.md", "deploy"], ".md")
}

/// Fails with all that was found, so that one run shows everything.
fn nothing(found: &[String]) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
