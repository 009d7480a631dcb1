use std::collections::{HashMap, HashSet};

use velatura_ledger::Claim;
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
    /// Whether the second photo of one output fails alone, and not the job with it.
    pub(crate) skips_collisions: bool,
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

impl Clash {
    /// The stable code that users and programs see.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Collision { .. } => "output-collision",
            Self::OverSource { .. } => "output-over-source",
        }
    }
}

impl Outputs {
    pub(super) fn new(
        destination: Location,
        text: &str,
        recipes: Vec<NamedRecipe>,
        skips_collisions: bool,
    ) -> Result<Self, Refusal> {
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
            skips_collisions,
            template,
        })
    }

    /// What stands for a photo's outputs where no two photos may have the same. Where the recipes' labels can't be taken
    /// for each other, two photos share every output or none, and one claim is enough.
    pub(crate) fn claims(&self, key: &str) -> Vec<Claim> {
        let most = match self.alike {
            Alike::Never | Alike::SameStem => 1,
            Alike::Anywhere => self.recipes.len(),
        };
        self.of(key)
            .take(most)
            .map(|output| {
                let hash = blake3::hash(output.to_string().as_bytes());
                let half = |at: usize| i64::from_le_bytes(hash.as_bytes()[at..at + 8].try_into().expect("8 bytes"));
                Claim {
                    hi: half(0),
                    lo: half(8),
                }
            })
            .collect()
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
        if source.key_below(&self.destination).is_none() {
            return Ok(());
        }
        match self.of(key).find(|output| output.key_below(source).is_some()) {
            Some(output) => Err(Clash::OverSource {
                photo: key.to_owned(),
                output: output.to_string(),
            }),
            None => Ok(()),
        }
    }

    /// The clash of two photos, of which the second has this key.
    pub(crate) fn collision(&self, first: &str, second: &str, key: &str) -> Clash {
        let output = self.of(key).next().map(|output| output.to_string());
        Clash::Collision {
            first: first.to_owned(),
            second: second.to_owned(),
            output: output.unwrap_or_default(),
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
                    return Err(Refusal::new(clash.code(), "destination", clash.to_string()));
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
