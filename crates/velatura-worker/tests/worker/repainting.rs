//! What a change makes old: just the pictures that it is part of.

use velatura_recipe::{Depth, DepthMode, Recipe};

use crate::studio::{Studio, output_key, photo, recipe, white_from};

/// A photo in two recipes, painted once: the first depends on something of its own, the second on a house style only.
struct Painted {
    studio: Studio,
    recipes: [Recipe; 2],
}

impl Painted {
    async fn once(studio: Studio, own: Recipe) -> Self {
        let own = Recipe {
            name: Some("own".to_owned()),
            ..own
        };
        studio.write("bay.png", &photo(1));
        let painted = Self {
            studio,
            recipes: [own, recipe("embers")],
        };
        assert_eq!(painted.again().await, [true, true]);
        assert_eq!(painted.again().await, [false, false], "nothing has changed");
        painted
    }

    /// Runs it and says which of the two were painted.
    async fn again(&self) -> [bool; 2] {
        let assignment = self.studio.assignment("bay.png", &self.recipes);
        let finished = self.studio.run(&assignment).await;
        assert!(finished.outcome.fault().is_none(), "{:?}", finished.outcome);
        [0, 1].map(|nth: usize| {
            let output = &assignment.paintings[nth].output;
            let mut of_it = finished.pictures.iter().filter(|picture| picture.output == *output);
            let picture = of_it.next().unwrap();
            assert!(of_it.next().is_none(), "one report a picture");
            !picture.skipped
        })
    }
}

#[tokio::test]
async fn a_changed_photo_is_painted_again_in_every_recipe() {
    let painted = Painted::once(Studio::new(), recipe("glass")).await;
    let before = painted.studio.read(&output_key("bay.png", &painted.recipes[0]));
    painted.studio.write("bay.png", &photo(2));
    assert_eq!(painted.again().await, [true, true]);
    let after = painted.studio.read(&output_key("bay.png", &painted.recipes[0]));
    assert_ne!(before, after, "the picture is of the new photo");
}

#[tokio::test]
async fn a_changed_recipe_is_painted_again_and_the_other_is_not() {
    let mut painted = Painted::once(Studio::new(), recipe("glass")).await;
    painted.recipes[0].strength = 0.5;
    assert_eq!(painted.again().await, [true, false]);
}

#[tokio::test]
async fn a_changed_style_picture_is_painted_with_again_and_the_other_recipe_is_not() {
    let studio = Studio::new();
    studio.write("styles/mine.png", &photo(100));
    let own = recipe(&studio.place("styles/mine.png"));
    let painted = Painted::once(studio, own).await;
    painted.studio.write("styles/mine.png", &photo(200));
    assert_eq!(painted.again().await, [true, false]);
}

#[tokio::test]
async fn a_changed_mask_is_painted_with_again_and_the_other_recipe_is_not() {
    let studio = Studio::new();
    studio.write("masks/bay.png", &white_from(32));
    let own = Recipe {
        region: Some(studio.place("masks/{path}/{stem}.png")),
        ..recipe("glass")
    };
    let painted = Painted::once(studio, own).await;
    painted.studio.write("masks/bay.png", &white_from(16));
    assert_eq!(painted.again().await, [true, false]);
}

#[tokio::test]
async fn a_changed_depth_map_is_painted_with_again_and_the_other_recipe_is_not() {
    let studio = Studio::new();
    studio.write("depth/bay.png", &white_from(32));
    let own = Recipe {
        depth: Depth {
            mode: DepthMode::Map,
            map: Some(studio.place("depth/{path}/{stem}.png")),
            ..Depth::default()
        },
        ..recipe("glass")
    };
    let painted = Painted::once(studio, own).await;
    painted.studio.write("depth/bay.png", &white_from(16));
    assert_eq!(painted.again().await, [true, false]);
}

#[tokio::test]
async fn a_picture_that_somebody_has_overwritten_is_painted_again() {
    let painted = Painted::once(Studio::new(), recipe("glass")).await;
    painted
        .studio
        .write(&output_key("bay.png", &painted.recipes[0]), b"not ours");
    assert_eq!(painted.again().await, [true, false]);
}
