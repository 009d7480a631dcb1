use std::collections::HashSet;

use velatura_ledger::NewTask;
use velatura_objects::Location;

use super::Refusal;

/// A photo that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Photograph {
    pub(crate) location: Location,
    /// What templates see.
    pub(crate) key: String,
}

impl Photograph {
    /// Its task.
    pub(crate) fn task(&self) -> NewTask {
        NewTask::photo(self.location.to_string(), self.key.clone())
    }
}

/// Reads a list of photos. Their keys are what they have below the innermost folder around all of them; where they lie
/// in different buckets, the bucket is the first part of the key.
pub(super) fn read(objects: &[String]) -> Result<Vec<Photograph>, Refusal> {
    let mut seen = HashSet::new();
    let mut locations = Vec::with_capacity(objects.len());
    for (i, text) in objects.iter().enumerate() {
        let field = || format!("source.objects[{i}]");
        let location = Location::parse(text).map_err(|error| Refusal::location(&field(), &error))?;
        if location.key().is_empty() || location.key().ends_with('/') {
            let message = format!("{location} is a folder: name a photo, or give the folder as source.prefix");
            return Err(Refusal::new("source-is-folder", field(), message));
        }
        if !seen.insert(location.clone()) {
            return Err(Refusal::new(
                "source-duplicate",
                field(),
                format!("{location} is named twice"),
            ));
        }
        locations.push(location);
    }
    let paths: Vec<String> = locations.iter().map(path).collect();
    let common = common_folder(&paths);
    let photos = locations.into_iter().zip(&paths);
    Ok(photos
        .map(|(location, path)| Photograph {
            location,
            key: path[common..].to_owned(),
        })
        .collect())
}

/// The whole way to an object: bucket and key, or the path.
fn path(location: &Location) -> String {
    match location {
        Location::S3 { bucket, key } => format!("{bucket}/{key}"),
        Location::File { path } => path.trim_start_matches('/').to_owned(),
    }
}

/// How many bytes all paths share, up to and including a `/`.
fn common_folder(paths: &[String]) -> usize {
    let Some((first, others)) = paths.split_first() else {
        return 0;
    };
    let folder = |path: &str| path.rfind('/').map_or(0, |slash| slash + 1);
    others.iter().fold(folder(first), |common, path| {
        let shared = first
            .bytes()
            .zip(path.bytes())
            .take(common)
            .take_while(|(a, b)| a == b)
            .count();
        first.as_bytes()[..shared]
            .iter()
            .rposition(|byte| *byte == b'/')
            .map_or(0, |slash| slash + 1)
    })
}
