use std::collections::{HashMap, HashSet};

use velatura_objects::Location;
use velatura_recipe::{Photo, Template};

use super::recipes::NamedRecipe;
use super::{Photograph, Refusal};

mod alike;

pub(crate) use alike::{Alike, OpenStems};

/// Where a job's pictures go.
#[derive(Debug)]
pub(crate) struct Outputs {
    /// Ends in `/` unless it is a whole bucket.
    pub(crate) destination: Location,
    pub(crate) recipes: Vec<NamedRecipe>,
    /// How two photos of this job could be given the same output.
    pub(crate) alike: Alike,
    template: Template,
}

/// Pictures of two photos that would be written to one place, or over a photo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Clash {
    #[error("{first} and {second} would both be written to {output}: put {{name}} into the template, or rename one")]
    Collision {
        first: String,
        second: String,
        output: String,
    },
    #[error(
        "the picture of {photo} would be written to {output}, among the photos themselves: choose another destination"
    )]
    OverSource { photo: String, output: String },
}

impl Outputs {
    pub(super) fn new(destination: Location, text: &str, recipes: Vec<NamedRecipe>) -> Result<Self, Refusal> {
        const FIELD: &str = "destination.template";
        let template = Template::for_outputs(text).map_err(|error| Refusal::template(FIELD, &error))?;
        if text.starts_with('/') || text.ends_with('/') || text.split('/').any(|part| matches!(part, "" | "." | "..")) {
            let message = format!(
                "the template {text:?} must name a file below the destination, without empty, `.` or `..` parts"
            );
            return Err(Refusal::new("template-invalid", FIELD, message));
        }
        if recipes.len() > 1 && !text.contains("{style}") {
            let message =
                format!("the template {text:?} needs {{style}}, else all recipes would be written to one place");
            return Err(Refusal::new("template-without-style", FIELD, message));
        }
        Ok(Self {
            alike: Alike::of(text, &recipes),
            destination,
            recipes,
            template,
        })
    }

    /// Where a photo's pictures go, one a recipe.
    pub(crate) fn of(&self, key: &str) -> impl Iterator<Item = Location> {
        self.recipes.iter().map(move |recipe| {
            let name = self.template.fill(Photo { key }, &recipe.label, recipe.extension);
            self.destination.join(&name)
        })
    }

    /// Refuses a destination that a later page of the listing would find again.
    pub(super) fn check_prefix(&self, source: &Location) -> Result<(), Refusal> {
        if self.destination.key_below(source).is_some() {
            let message = format!(
                "{} lies inside the source {source}, so that the job would feed itself: choose a place beside it",
                self.destination
            );
            return Err(Refusal::new("destination-inside-source", "destination.prefix", message));
        }
        Ok(())
    }

    /// Whether a picture of this photo would land below the source, where the destination lies above it.
    pub(crate) fn check_photo(&self, key: &str, source: &Location) -> Result<(), Clash> {
        match self.of(key).find(|output| output.key_below(source).is_some()) {
            Some(output) => Err(Clash::OverSource {
                photo: key.to_owned(),
                output: output.to_string(),
            }),
            None => Ok(()),
        }
    }

    /// The clash of two photos of one stem.
    pub(crate) fn collision(&self, first: &str, second: &str) -> Clash {
        Clash::Collision {
            first: first.to_owned(),
            second: second.to_owned(),
            output: self
                .of(second)
                .next()
                .map(|output| output.to_string())
                .unwrap_or_default(),
        }
    }

    /// Refuses a list in which two photos have one output, or a photo would be written over.
    pub(super) fn check_all(&self, photos: &[Photograph]) -> Result<(), Refusal> {
        let sources: HashSet<&Location> = photos.iter().map(|photo| &photo.location).collect();
        let mut seen: HashMap<Location, &Photograph> = HashMap::with_capacity(photos.len());
        for photo in photos {
            for output in self.of(&photo.key) {
                if sources.contains(&output) {
                    let clash = Clash::OverSource {
                        photo: photo.location.to_string(),
                        output: output.to_string(),
                    };
                    return Err(Refusal::new("output-over-source", "destination", clash.to_string()));
                }
                let clash = |first: &Photograph, output: &Location| Clash::Collision {
                    first: first.location.to_string(),
                    second: photo.location.to_string(),
                    output: output.to_string(),
                };
                if let Some(first) = seen.get(&output) {
                    return Err(Refusal::new(
                        "output-collision",
                        "destination.template",
                        clash(first, &output).to_string(),
                    ));
                }
                seen.insert(output, photo);
            }
        }
        Ok(())
    }
}
