//! What a user submitted, read and validated: the one place that knows what a submission may be, and what it makes of
//! a photo.

mod access;
mod objects;
mod outputs;
mod recipes;
mod refusal;
#[cfg(test)]
mod tests;

use velatura_ledger::Task;
use velatura_objects::{Location, Stores};
use velatura_proto::{MESSAGE_VERSION, v1};
use velatura_recipe::Template;

pub(crate) use objects::Photograph;
pub(crate) use outputs::{Alike, Clash, OpenStems, Outputs};
pub(crate) use refusal::Refusal;

use recipes::NamedRecipe;

/// A submission that can be carried out as far as its text tells.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) source: Source,
    pub(crate) outputs: Outputs,
}

/// Which photos.
#[derive(Debug)]
pub(crate) enum Source {
    /// These.
    Objects(Vec<Photograph>),
    /// Every picture below a folder or prefix; ends in `/` unless it is a whole bucket.
    Prefix(Location),
}

impl Submission {
    /// Reads and validates a request. `most_objects` is how many photos it may name one by one.
    pub(crate) fn read(request: &v1::SubmitJobRequest, most_objects: usize) -> Result<Self, Refusal> {
        if request.description.len() > 1000 {
            return Err(Refusal::new(
                "description-too-long",
                "description",
                "a description has at most 1000 bytes",
            ));
        }
        let recipes = recipes::read(&request.recipes)?;
        let source = read_source(request.source.as_ref(), most_objects)?;
        let outputs = read_outputs(request.destination.as_ref(), recipes)?;
        match &source {
            Source::Objects(photos) => outputs.check_all(photos)?,
            Source::Prefix(prefix) => outputs.check_prefix(prefix)?,
        }
        Ok(Self { source, outputs })
    }

    /// Opens what it names: refuses locations that this coordinator may not use.
    pub(crate) fn check_stores(&self, stores: &Stores) -> Result<(), Refusal> {
        let opens = |field: &str, location: &Location| {
            stores
                .open(location)
                .map(drop)
                .map_err(|error| Refusal::location(field, &error))
        };
        match &self.source {
            Source::Objects(photos) => photos
                .iter()
                .enumerate()
                .try_for_each(|(i, photo)| opens(&format!("source.objects[{i}]"), &photo.location))?,
            Source::Prefix(prefix) => opens("source.prefix", prefix)?,
        }
        opens("destination.prefix", &self.outputs.destination)
    }

    /// What travels to a worker.
    pub(crate) fn task(&self, task: &Task) -> v1::Task {
        let paintings = self
            .outputs
            .of(&task.key)
            .zip(&self.outputs.recipes)
            .map(|(output, recipe)| v1::Painting {
                recipe: Some(recipe.wire.clone()),
                output: output.to_string(),
            })
            .collect();
        v1::Task {
            version: MESSAGE_VERSION,
            job_id: task.job_id.to_string(),
            seq: task.seq,
            attempt: task.attempt,
            source: task.source.clone(),
            key: task.key.clone(),
            paintings,
            trace: Default::default(),
            version_id: task.item.version_id.clone().unwrap_or_default(),
        }
    }
}

fn read_source(source: Option<&v1::Source>, most_objects: usize) -> Result<Source, Refusal> {
    let empty = v1::Source::default();
    let source = source.unwrap_or(&empty);
    match (source.objects.as_slice(), source.prefix.as_str()) {
        ([], "") => Err(Refusal::new(
            "source-missing",
            "source",
            "name photos in source.objects, or a source.prefix",
        )),
        ([], prefix) => Ok(Source::Prefix(read_folder("source.prefix", prefix)?)),
        (objects, "") if objects.len() > most_objects => Err(Refusal::new(
            "objects-too-many",
            "source.objects",
            format!(
                "{} photos are named one by one, but at most {most_objects} may be: use a prefix",
                objects.len()
            ),
        )),
        (objects, "") => Ok(Source::Objects(objects::read(objects)?)),
        (_, _) => Err(Refusal::new(
            "source-ambiguous",
            "source",
            "give either source.objects or source.prefix, not both",
        )),
    }
}

fn read_outputs(destination: Option<&v1::Destination>, recipes: Vec<NamedRecipe>) -> Result<Outputs, Refusal> {
    let destination = destination.filter(|d| !d.prefix.is_empty()).ok_or_else(|| {
        Refusal::new(
            "destination-missing",
            "destination.prefix",
            "say where the pictures go: s3://bucket/prefix or file:///folder",
        )
    })?;
    let text = match destination.template.as_str() {
        "" => Template::DEFAULT,
        text => text,
    };
    Outputs::new(read_folder("destination.prefix", &destination.prefix)?, text, recipes)
}

/// A location below which things lie, with the `/` at its end that says so.
fn read_folder(field: &str, text: &str) -> Result<Location, Refusal> {
    let read = |text: &str| Location::parse(text).map_err(|error| Refusal::location(field, &error));
    let location = read(text)?;
    if location.key().is_empty() || location.key().ends_with('/') {
        return Ok(location);
    }
    read(&format!("{location}/"))
}
