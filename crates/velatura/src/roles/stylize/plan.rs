//! What is painted from what, and where it goes: all that can be known before the first photo is opened.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use velatura_objects::Location;
use velatura_recipe::{Photo, Recipe, Template};
use velatura_worker::{Assignment, Fault, Finished, Painting, StyleLibrary};

use super::Options;
use super::inputs::{self, Input};
use crate::sheet;

/// Everything that a run will do.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) out: PathBuf,
    /// Every folder that is read or written.
    pub(super) roots: Vec<PathBuf>,
    pub(super) recipes: Vec<Arc<Recipe>>,
    pub(super) photos: Vec<Planned>,
}

/// A photo and its outputs.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) input: Input,
    /// A label and a path for each recipe.
    pub(super) outputs: Vec<(String, PathBuf)>,
    assignment: Result<Assignment, Fault>,
}

impl Plan {
    /// `own_style` is the name of a pack that paints in one style only, its own.
    pub(super) fn make(options: &Options, own_style: Option<&str>) -> Result<Self> {
        let template = Template::for_outputs(&options.template)?;
        let recipes: Vec<_> = options.recipe.recipes(own_style)?.into_iter().map(Arc::new).collect();
        if recipes.len() > 1 && !options.template.contains("{style}") {
            bail!(
                "--template {:?} needs {{style}} to keep {} recipes apart",
                options.template,
                recipes.len()
            );
        }
        let out = std::path::absolute(&options.out).context("--out is no path")?;
        // As the folder will be called once it is there, so that inputs below it are known for results.
        let out = out.canonicalize().unwrap_or(out);
        let photos: Vec<_> = inputs::gather(&options.inputs, &out)?
            .into_iter()
            .map(|input| planned(input, &out, &template, &recipes))
            .collect();
        refuse_collisions(&photos)?;
        refuse_overwriting(&photos)?;
        let roots = roots(&out, &recipes, &photos);
        Ok(Self {
            out,
            roots,
            recipes,
            photos,
        })
    }

    /// A name that is no house style is known before anything starts.
    pub(super) fn check_styles(&self, library: &StyleLibrary) -> Result<()> {
        let named = self
            .recipes
            .iter()
            .flat_map(|recipe| &recipe.styles)
            .filter(|style| !style.style.contains("://"));
        for style in named {
            if library.picture(&style.style).is_none() {
                bail!(
                    "there is no house style {:?} and no such file; house styles are: {}",
                    style.style,
                    library.names()
                );
            }
        }
        Ok(())
    }

    pub(super) fn sheet_rows(&self) -> Vec<sheet::Source> {
        let row = |photo: &Planned| sheet::Source {
            photo: photo.input.path(),
            results: photo.outputs.clone(),
        };
        self.photos.iter().map(row).collect()
    }
}

impl Planned {
    pub(super) fn assignment(&self) -> Result<&Assignment, Finished> {
        self.assignment.as_ref().map_err(|fault| Finished {
            outcome: fault.clone().into(),
            pictures: Vec::new(),
            seconds: 0.0,
        })
    }
}

fn planned(input: Input, out: &Path, template: &Template, recipes: &[Arc<Recipe>]) -> Planned {
    let key = input.key.to_string_lossy().into_owned();
    let place = |recipe: &Arc<Recipe>| {
        let name = template.fill(Photo { key: &key }, &recipe.label(), recipe.output.format.extension());
        (recipe.label(), out.join(name))
    };
    let outputs: Vec<_> = recipes.iter().map(place).collect();
    let assignment = || -> Result<Assignment, Fault> {
        let paint = |(recipe, (_, path)): (&Arc<Recipe>, &(String, PathBuf))| {
            Ok(Painting {
                recipe: recipe.clone(),
                output: Location::of_path(path)?,
            })
        };
        Ok(Assignment {
            version_id: None,
            source: Location::of_path(&input.path())?,
            key: key.clone(),
            paintings: recipes.iter().zip(&outputs).map(paint).collect::<Result<_, Fault>>()?,
        })
    };
    let assignment = assignment();
    Planned {
        input,
        outputs,
        assignment,
    }
}

fn refuse_collisions(photos: &[Planned]) -> Result<()> {
    let mut taken: HashMap<&Path, &Planned> = HashMap::new();
    for photo in photos {
        for (_, output) in &photo.outputs {
            if let Some(other) = taken.insert(output, photo) {
                bail!(
                    "{} and {} would both be written to {}: use {{name}} or {{path}} in --template, or paint them apart",
                    other.input.path().display(),
                    photo.input.path().display(),
                    output.display()
                );
            }
        }
    }
    Ok(())
}

/// A photo is never replaced by its picture, or by another's.
fn refuse_overwriting(photos: &[Planned]) -> Result<()> {
    let sources: HashSet<PathBuf> = photos.iter().map(|photo| photo.input.path()).collect();
    match photos
        .iter()
        .flat_map(|photo| &photo.outputs)
        .find(|(_, output)| sources.contains(output))
    {
        None => Ok(()),
        Some((_, output)) => bail!(
            "{} is a photo and would be overwritten: choose another --out or --template",
            output.display()
        ),
    }
}

/// What the user named, nothing else, may be read and written.
fn roots(out: &Path, recipes: &[Arc<Recipe>], photos: &[Planned]) -> Vec<PathBuf> {
    let mut roots = BTreeSet::from([out.to_owned()]);
    roots.extend(photos.iter().map(|photo| photo.input.root.clone()));
    let styles = recipes
        .iter()
        .flat_map(|recipe| recipe.styles.iter().map(|style| style.style.as_str()));
    let companions = recipes
        .iter()
        .flat_map(|recipe| recipe.depth.map.iter().chain(&recipe.region))
        .map(String::as_str);
    for place in styles.chain(companions) {
        let fixed = place.split('{').next().unwrap_or(place);
        if let Some(path) = fixed.strip_prefix("file://")
            && let Some(folder) = Path::new(path).parent()
        {
            roots.insert(if path.ends_with('/') {
                PathBuf::from(path)
            } else {
                folder.to_owned()
            });
        }
    }
    roots.into_iter().collect()
}
