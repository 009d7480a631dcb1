use velatura_objects::{Location, ObjectError, Stores};
use velatura_proto::v1;

use super::manifest::Manifest;
use super::objects::{self, Photograph};
use super::{Filter, Refusal, read_folder};

/// Which photos.
#[derive(Debug)]
pub(crate) enum Source {
    /// These.
    Objects(Vec<Photograph>),
    /// Everything below a folder or prefix, which ends in `/` unless it is a whole bucket, that passes.
    Prefix(Location, Filter),
    /// What a list names.
    Manifest(Manifest),
}

impl Source {
    pub(super) fn read(source: Option<&v1::Source>, most_objects: usize) -> Result<Self, Refusal> {
        let empty = v1::Source::default();
        let source = source.unwrap_or(&empty);
        let filter = Filter::read(&source.filter.clone().unwrap_or_default())?;
        let objects = source.objects.as_slice();
        match (&source.manifest, objects, source.prefix.as_str()) {
            (None, [], "") => Err(Refusal::new(
                "source-missing",
                "source",
                "name photos in source.objects, a source.prefix or a source.manifest",
            )),
            (None, [], prefix) => Ok(Self::Prefix(read_folder("source.prefix", prefix)?, filter)),
            (None, objects, "") if objects.len() > most_objects => Err(Refusal::new(
                "objects-too-many",
                "source.objects",
                format!(
                    "{} photos are named one by one, but at most {most_objects} may be: use a prefix or a manifest",
                    objects.len()
                ),
            )),
            (None, objects, "") if source.filter.is_none() => Ok(Self::Objects(objects::read(objects)?)),
            (None, _, "") => Err(Refusal::new(
                "filter-without-facts",
                "source.filter",
                "photos that are named one by one are not filtered: leave out those that you don't want",
            )),
            (None, _, _) => Err(Refusal::new(
                "source-ambiguous",
                "source",
                "give either source.objects or source.prefix, not both",
            )),
            (Some(manifest), [], prefix) => {
                let prefix = match prefix {
                    "" => None,
                    prefix => Some(read_folder("source.prefix", prefix)?),
                };
                Ok(Self::Manifest(Manifest::read(manifest, prefix, filter)?))
            }
            (Some(_), _, _) => Err(Refusal::new(
                "source-ambiguous",
                "source",
                "give either source.objects or source.manifest, not both",
            )),
        }
    }

    /// Opens what it names: refuses locations that this coordinator may not use.
    pub(super) fn check_stores(&self, stores: &Stores) -> Result<(), Refusal> {
        let opens = |field: &str, location: &Location| {
            let refusal = |error: ObjectError| Refusal::location(field, &error);
            stores.open(location).map(drop).map_err(refusal)
        };
        match self {
            Self::Objects(photos) => photos
                .iter()
                .enumerate()
                .try_for_each(|(i, photo)| opens(&format!("source.objects[{i}]"), &photo.location)),
            Self::Prefix(prefix, _) => opens("source.prefix", prefix),
            Self::Manifest(manifest) => {
                if let Some(prefix) = &manifest.prefix {
                    opens("source.prefix", prefix)?;
                }
                opens("source.manifest.url", &manifest.location)
            }
        }
    }
}
