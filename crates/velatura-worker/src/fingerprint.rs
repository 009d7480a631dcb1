use std::fmt;

use velatura_recipe::{Origin, Recipe};

/// The metadata key under which a picture carries its fingerprint.
pub const FINGERPRINT_KEY: &str = "velatura-fingerprint";

/// blake3 of all that decides a picture: photo version, recipe, style pictures, masks and maps, pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    whole: blake3::Hash,
    origin: Origin,
}

impl Fingerprint {
    /// `photo` and `companions` (mask, depth map) are object versions; `styles` are hashes of the style pictures in the
    /// recipe's order; `pack` is what the pack
    /// is made of.
    pub fn new(photo: &str, recipe: &Recipe, styles: &[blake3::Hash], companions: &[&str], pack: blake3::Hash) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("velatura 2026 fingerprint of a picture");
        let mut part = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        part(photo.as_bytes());
        part(recipe.hash().as_bytes());
        styles.iter().for_each(|style| part(style.as_bytes()));
        companions.iter().for_each(|version| part(version.as_bytes()));
        part(pack.as_bytes());
        Self {
            whole: hasher.finalize(),
            origin: Origin::new(photo, recipe),
        }
    }

    /// The part of it that is known without styles and pack.
    pub fn origin(&self) -> Origin {
        self.origin
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole.to_hex())
    }
}
