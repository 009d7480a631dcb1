use std::collections::HashSet;

use velatura_ledger::Item;
use velatura_proto::v1;
use velatura_recipe::{Recipe, Template};

use super::Refusal;

/// A recipe with what output names need to know of it.
#[derive(Debug)]
pub(crate) struct NamedRecipe {
    /// What `{style}` stands for.
    pub(crate) label: String,
    /// What `{ext}` stands for.
    pub(crate) extension: &'static str,
    /// As it travels, without what has its default.
    pub(crate) wire: v1::Recipe,
}

impl NamedRecipe {
    /// As it travels with a photo that has a mask or a depth map of its own.
    pub(crate) fn for_photo(&self, item: &Item) -> v1::Recipe {
        let mut wire = self.wire.clone();
        if let Some(mask) = &item.mask {
            wire.region = Some(Template::literal(mask));
        }
        if let Some(map) = &item.depth_map {
            let depth = wire.depth.get_or_insert_default();
            depth.mode = Some("map".to_owned());
            depth.map = Some(Template::literal(map));
        }
        wire
    }
}

pub(super) fn read(wires: &[v1::Recipe]) -> Result<Vec<NamedRecipe>, Refusal> {
    if wires.is_empty() {
        return Err(Refusal::new(
            "recipes-missing",
            "recipes",
            "a job needs at least one recipe",
        ));
    }
    let mut labels = HashSet::new();
    wires
        .iter()
        .enumerate()
        .map(|(i, wire)| {
            let field = format!("recipes[{i}]");
            let named = read_one(&field, wire)?;
            if labels.insert(named.label.clone()) {
                Ok(named)
            } else {
                Err(Refusal::new(
                    "recipe-label-duplicate",
                    format!("{field}.name"),
                    format!("two recipes are called {:?}: give them names that differ", named.label),
                ))
            }
        })
        .collect()
}

fn read_one(field: &str, wire: &v1::Recipe) -> Result<NamedRecipe, Refusal> {
    let recipe = Recipe::try_from(wire.clone()).map_err(|error| Refusal::recipe(field, &error))?;
    let templates = [("region", &recipe.region), ("depth.map", &recipe.depth.map)];
    for (name, text) in templates {
        if let Some(text) = text {
            text.parse::<Template>()
                .map_err(|error| Refusal::template(format!("{field}.{name}"), &error))?;
        }
    }
    let label = recipe.label();
    if label.is_empty() || label.starts_with('.') || label.contains(|c: char| c.is_control() || matches!(c, '/' | '\\'))
    {
        return Err(Refusal::new(
            "recipe-label-invalid",
            format!("{field}.name"),
            format!("{label:?} can't be part of a file name: give the recipe a name without slashes or a leading dot"),
        ));
    }
    Ok(NamedRecipe {
        label,
        extension: recipe.output.format.extension(),
        wire: (&recipe).into(),
    })
}
