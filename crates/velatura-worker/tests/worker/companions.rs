//! Masks and depth maps: found by the photo's key, one for each photo.

use velatura_recipe::{Depth, DepthMode, Detail, Recipe};
use velatura_worker::Outcome;

use crate::studio::{HEIGHT, Studio, WIDTH, output_key, photo, recipe, white_from};

const KEY: &str = "2024/june/bay.png";

fn within_mask(studio: &Studio) -> Recipe {
    Recipe {
        region: Some(studio.place("masks/{path}/{stem}.png")),
        depth: Depth {
            mode: DepthMode::Off,
            ..Depth::default()
        },
        ..recipe("embers")
    }
}

fn by_depth_map(studio: &Studio) -> Recipe {
    Recipe {
        depth: Depth {
            mode: DepthMode::Map,
            map: Some(studio.place("depth/{path}/{stem}.png")),
            ..Depth::default()
        },
        detail: Detail::Residual,
        ..recipe("embers")
    }
}

/// How far a picture is from its photo, 0 to 255, in the left quarter and in the right one. Its companion was black on
/// the left half and white on the right one.
async fn change(studio: &Studio, recipe: Recipe) -> [f64; 2] {
    studio.write(KEY, &photo(1));
    let finished = studio.run(&studio.assignment(KEY, std::slice::from_ref(&recipe))).await;
    assert_eq!(finished.outcome, Outcome::Done);
    let (photo, picture) = (studio.pixels(KEY), studio.pixels(&output_key(KEY, &recipe)));
    [0, WIDTH * 3 / 4].map(|left| {
        let quarter = |pixels| {
            image::imageops::crop_imm(pixels, left, 0, WIDTH / 4, HEIGHT)
                .to_image()
                .into_raw()
        };
        let (before, after): (Vec<u8>, Vec<u8>) = (quarter(&photo), quarter(&picture));
        let change: u32 = before.iter().zip(&after).map(|(b, a)| u32::from(b.abs_diff(*a))).sum();
        f64::from(change) / before.len() as f64
    })
}

#[tokio::test]
async fn a_mask_is_found_by_the_photos_key_and_outside_it_the_photo_stays() {
    let studio = Studio::new();
    studio.write("masks/2024/june/bay.png", &white_from(WIDTH / 2));
    let [outside, inside] = change(&studio, within_mask(&studio)).await;
    assert_eq!(outside, 0.0);
    assert!(inside > 10.0, "{inside}");
}

#[tokio::test]
async fn a_depth_map_is_found_by_the_photos_key_and_what_is_far_is_painted_most() {
    let studio = Studio::new();
    studio.write("depth/2024/june/bay.png", &white_from(WIDTH / 2));
    let [near, far] = change(&studio, by_depth_map(&studio)).await;
    assert!(far > 10.0, "{far}");
    assert!(near < far / 4.0, "{near} near, {far} far");
}

#[tokio::test]
async fn a_missing_companion_fails_with_its_place_before_the_photo_is_fetched() {
    let studio = Studio::new();
    studio.write(KEY, &photo(1));
    for (recipe, place) in [
        (within_mask(&studio), "masks/2024/june/bay.png"),
        (by_depth_map(&studio), "depth/2024/june/bay.png"),
    ] {
        let finished = studio.run(&studio.assignment(KEY, &[recipe])).await;
        let Outcome::Failed(fault) = finished.outcome else {
            panic!("{place}: {:?}", finished.outcome);
        };
        assert_eq!(fault.code, "object-not-found");
        assert!(fault.message.contains(place), "{fault}");
    }
    assert_eq!(studio.metrics.fetched_bytes_total.get(), 0);
}

#[tokio::test]
async fn a_companion_that_is_no_picture_fails_with_its_place() {
    let studio = Studio::new();
    studio.write(KEY, &photo(1));
    studio.write("masks/2024/june/bay.png", b"no picture");
    let finished = studio.run(&studio.assignment(KEY, &[within_mask(&studio)])).await;
    let Outcome::Failed(fault) = finished.outcome else {
        panic!("{:?}", finished.outcome);
    };
    assert_eq!(fault.code, "unknown-format");
    assert!(fault.message.contains("masks/2024/june/bay.png"), "{fault}");
}
