//! What a recipe accepts, what it refuses, and what its hash depends on.

use velatura_recipe::{Depth, DepthMode, Recipe, RecipeError, Size, WeightedStyle};

#[test]
fn an_empty_file_lacks_a_style() {
    assert_eq!(Recipe::from_toml(""), Err(RecipeError::NoStyle));
}

#[test]
fn unknown_keys_are_errors() {
    let error = Recipe::from_toml("styles = [{ style = \"nocturne\" }]\nstrenght = 1.0").unwrap_err();
    assert_eq!(error.code(), "recipe-syntax");
    assert!(error.to_string().contains("strenght"), "{error}");
}

#[test]
fn numbers_outside_their_range_are_named() {
    let error = Recipe {
        strength: 1.5,
        ..Recipe::with_style("nocturne")
    }
    .validate()
    .unwrap_err();
    assert_eq!(error.to_string(), "strength is 1.5, but must be between 0 and 1");
    assert!(
        Recipe {
            strength: f64::NAN,
            ..Recipe::with_style("nocturne")
        }
        .validate()
        .is_err()
    );
}

#[test]
fn a_depth_map_needs_its_mode_and_the_mode_its_map() {
    let map = Depth {
        map: Some("d/{stem}.png".into()),
        ..Depth::default()
    };
    assert!(
        Recipe {
            depth: map,
            ..Recipe::with_style("nocturne")
        }
        .validate()
        .is_err()
    );
    let mode = Depth {
        mode: DepthMode::Map,
        ..Depth::default()
    };
    assert!(
        Recipe {
            depth: mode,
            ..Recipe::with_style("nocturne")
        }
        .validate()
        .is_err()
    );
}

#[test]
fn size_is_a_word_or_a_number() {
    let read = |text: &str| Recipe::from_toml(&format!("size = {text}\nstyles = [{{ style = \"x\" }}]"));
    assert_eq!(read("\"original\"").unwrap().size, Size::Original);
    assert_eq!(read("800").unwrap().size, Size::LongSide(800));
    assert!(read("\"large\"").is_err());
}

#[test]
fn the_hash_ignores_the_name_and_nothing_else() {
    let plain = Recipe::with_style("nocturne");
    assert_eq!(
        plain.hash(),
        Recipe {
            name: Some("night".into()),
            ..plain.clone()
        }
        .hash()
    );
    assert_ne!(
        plain.hash(),
        Recipe {
            strength: 0.5,
            ..plain.clone()
        }
        .hash()
    );
    assert_ne!(
        plain.hash(),
        Recipe {
            keep_colors: true,
            ..plain.clone()
        }
        .hash()
    );
}

#[test]
fn what_is_written_as_toml_reads_back_the_same() {
    let recipe = Recipe {
        styles: vec![
            WeightedStyle {
                style: "s3://b/k.png".into(),
                weight: 2.5,
            },
            WeightedStyle::new("sumi"),
        ],
        size: Size::LongSide(1024),
        ..Recipe::default()
    };
    let text = toml::to_string(&recipe).unwrap();
    assert_eq!(Recipe::from_toml(&text).unwrap(), recipe);
    assert_eq!(recipe.label(), "k+sumi");
}
