use std::fmt;

use crate::Recipe;

/// The metadata key under which a picture's object carries its [`Origin`].
pub const ORIGIN_KEY: &str = "velatura-origin";

/// blake3 of the photo's version and the recipe: what of a picture is known without opening a style picture or a pack.
///
/// A picture of another origin is certainly not the one that is wanted; one of the same origin is, unless style pictures,
/// masks, maps or the pack have changed. So it tells how much a job would skip, where only a worker can tell it for sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin(blake3::Hash);

impl Origin {
    /// The origin of a picture of this version of a photo.
    pub fn new(photo_version: &str, recipe: &Recipe) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("velatura 2026 origin of a picture");
        hasher.update(recipe.hash().as_bytes());
        hasher.update(photo_version.as_bytes());
        Self(hasher.finalize())
    }
}

/// In hexadecimal.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_photo_and_another_recipe_are_another_origin() {
        let recipe = Recipe::with_style("sumi");
        let origin = Origin::new("v1", &recipe);
        assert_ne!(origin, Origin::new("v2", &recipe));
        assert_ne!(origin, Origin::new("v1", &Recipe::with_style("harvest")));
        let named = Recipe {
            name: Some("ink".to_owned()),
            ..recipe
        };
        assert_eq!(origin, Origin::new("v1", &named), "a name decides nothing");
    }
}
