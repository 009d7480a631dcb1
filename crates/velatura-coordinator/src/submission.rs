//! What a user submitted, read and validated: the one place that knows what a submission may be, and what it makes of
//! a photo.

mod access;
mod filter;
mod manifest;
mod objects;
mod outputs;
mod plan;
mod recipes;
mod refusal;
mod source;
pub(crate) mod terms;
#[cfg(test)]
mod tests;

use velatura_ledger::Task;
use velatura_objects::{Location, Stores};
use velatura_proto::{MESSAGE_VERSION, v1};
use velatura_recipe::Template;

pub(crate) use filter::Filter;
pub(crate) use manifest::{Format, Manifest};
pub(crate) use objects::Photograph;
pub(crate) use outputs::{Alike, Clash, OpenStems, Outputs};
pub(crate) use plan::Plan;
pub(crate) use refusal::Refusal;
pub(crate) use source::Source;

use crate::access::Reach;
use recipes::NamedRecipe;

/// A submission that can be carried out as far as its text tells.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) source: Source,
    pub(crate) outputs: Outputs,
    pub(crate) plan: Plan,
    /// Below which places a manifest may name photos.
    pub(crate) reach: Reach,
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
        let source = Source::read(request.source.as_ref(), most_objects)?;
        let outputs = read_outputs(request, recipes)?;
        match &source {
            Source::Objects(photos) => outputs.check_all(photos)?,
            Source::Prefix(prefix, _) => outputs.check_prefix(prefix)?,
            Source::Manifest(manifest) => manifest
                .prefix
                .iter()
                .try_for_each(|prefix| outputs.check_prefix(prefix))?,
        }
        let plan = Plan::read(request)?;
        Ok(Self {
            source,
            outputs,
            plan,
            reach: Reach::Anywhere,
        })
    }

    /// How many photos it has, where they are named one by one.
    pub(crate) fn photos(&self) -> Option<u64> {
        match &self.source {
            Source::Objects(photos) => Some(photos.len() as u64),
            Source::Prefix(..) | Source::Manifest(_) => None,
        }
    }

    /// Opens what it names: refuses locations that this coordinator may not use.
    pub(crate) fn check_stores(&self, stores: &Stores) -> Result<(), Refusal> {
        let opens = |field: &str, location: &Location| {
            stores
                .open(location)
                .map(drop)
                .map_err(|error| Refusal::location(field, &error))
        };
        self.source.check_stores(stores)?;
        opens("destination.prefix", &self.outputs.destination)
    }

    /// What travels to a worker.
    pub(crate) fn task(&self, task: &Task) -> v1::Task {
        let paintings = self
            .outputs
            .of(&task.key)
            .zip(&self.outputs.recipes)
            .map(|(output, recipe)| v1::Painting {
                recipe: Some(recipe.for_photo(&task.item)),
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

/// Where a request wants its pictures: a folder or prefix.
pub(crate) fn destination_of(request: &v1::SubmitJobRequest) -> Result<Location, Refusal> {
    let destination = request.destination.as_ref().filter(|d| !d.prefix.is_empty());
    let destination = destination.ok_or_else(|| {
        Refusal::new(
            "destination-missing",
            "destination.prefix",
            "say where the pictures go: s3://bucket/prefix or file:///folder",
        )
    })?;
    read_folder("destination.prefix", &destination.prefix)
}

fn read_outputs(request: &v1::SubmitJobRequest, recipes: Vec<NamedRecipe>) -> Result<Outputs, Refusal> {
    let prefix = destination_of(request)?;
    let destination = request.destination.clone().unwrap_or_default();
    let text = match destination.template.as_str() {
        "" => Template::DEFAULT,
        text => text,
    };
    let skips = destination.on_collision() == v1::destination::OnCollision::Skip;
    Outputs::new(prefix, text, recipes, skips)
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
