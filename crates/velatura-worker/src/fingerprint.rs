use std::fmt;

use velatura_recipe::Recipe;

/// The metadata key under which a picture carries its fingerprint.
pub const FINGERPRINT_KEY: &str = "velatura-fingerprint";

/// blake3 of all that decides a picture: photo version, recipe, style pictures, masks and maps, pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(blake3::Hash);

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
        Self(hasher.finalize())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_hex())
    }
}
