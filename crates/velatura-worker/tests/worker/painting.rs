//! What is painted, and what is left alone because it is there already.

use tokio_util::sync::CancellationToken;
use velatura_recipe::{Detail, Format, Output, Recipe};
use velatura_worker::Outcome;

use crate::studio::{HEIGHT, Studio, WIDTH, output_key, photo, recipe};

#[tokio::test]
async fn a_photo_is_painted_in_all_its_recipes_and_each_picture_carries_its_fingerprint() {
    let studio = Studio::new();
    studio.write("bay.png", &photo(1));
    let as_jpeg = Recipe {
        output: Output::default(),
        ..recipe("glass")
    };
    let recipes = [recipe("embers"), as_jpeg];
    let assignment = studio.assignment("bay.png", &recipes);

    let finished = studio.run(&assignment).await;

    assert_eq!(finished.outcome, Outcome::Done);
    assert_eq!(finished.pictures.len(), 2);
    for (picture, painting) in finished.pictures.iter().zip(&assignment.paintings) {
        assert_eq!(picture.output, painting.output);
        assert!(!picture.skipped);
        let carried = studio.stored_fingerprint(&picture.output).await;
        assert_eq!(carried, Some(picture.fingerprint.to_string()));
    }
    let keys = recipes.each_ref().map(|recipe| output_key("bay.png", recipe));
    for (picture, key) in finished.pictures.iter().zip(&keys) {
        assert_eq!(picture.bytes, studio.read(key).len() as u64);
        assert_eq!(studio.pixels(key).dimensions(), (WIDTH, HEIGHT));
    }
    let [embers, glass] = keys.each_ref().map(|key| studio.pixels(key));
    assert_ne!(embers, studio.pixels("bay.png"), "it was painted");
    assert_ne!(embers, glass, "in two styles");
    assert_ne!(finished.pictures[0].fingerprint, finished.pictures[1].fingerprint);
    assert_eq!(studio.metrics.pictures_total.get(), 2);
    let stored: u64 = finished.pictures.iter().map(|picture| picture.bytes).sum();
    assert_eq!(studio.metrics.stored_bytes_total.get(), stored);
}

#[tokio::test]
async fn a_second_run_skips_every_picture_without_fetching_the_photo() {
    let studio = Studio::new();
    studio.write("bay.png", &photo(1));
    let assignment = studio.assignment("bay.png", &[recipe("embers"), recipe("glass")]);
    let first = studio.run(&assignment).await;
    let fetched = studio.metrics.fetched_bytes_total.get();
    assert_eq!(fetched, studio.read("bay.png").len() as u64, "once for both recipes");

    let second = studio.run(&assignment).await;

    assert_eq!(second.outcome, Outcome::Skipped);
    assert!(
        second
            .pictures
            .iter()
            .all(|picture| picture.skipped && picture.bytes == 0)
    );
    let fingerprints = |finished: &velatura_worker::Finished| -> Vec<_> {
        finished.pictures.iter().map(|picture| picture.fingerprint).collect()
    };
    assert_eq!(fingerprints(&first), fingerprints(&second));
    assert_eq!(studio.metrics.fetched_bytes_total.get(), fetched);
    assert_eq!(studio.metrics.pictures_total.get(), 2);
}

#[tokio::test]
async fn of_one_picture_that_is_there_and_one_that_is_not_only_the_missing_one_is_painted() {
    let studio = Studio::new();
    studio.write("bay.png", &photo(1));
    let (there, missing) = (recipe("embers"), recipe("glass"));
    studio
        .run(&studio.assignment("bay.png", std::slice::from_ref(&there)))
        .await;

    let both = studio.run(&studio.assignment("bay.png", &[missing, there])).await;

    assert_eq!(both.outcome, Outcome::Done);
    let skipped: Vec<_> = both
        .pictures
        .iter()
        .map(|picture| (picture.output.to_string().contains("embers"), picture.skipped))
        .collect();
    assert_eq!(skipped.len(), 2);
    assert!(skipped.iter().all(|(is_embers, skipped)| is_embers == skipped));
    assert_eq!(studio.metrics.pictures_total.get(), 2);
}

#[tokio::test]
async fn a_check_says_what_would_be_painted_and_stores_nothing() {
    let studio = Studio::new();
    studio.write("bay.png", &photo(1));
    let assignment = studio.assignment("bay.png", &[recipe("embers")]);

    let before = studio.pipeline.check(&assignment).await;

    assert_eq!(before.outcome, Outcome::Done);
    assert!(!before.pictures[0].skipped);
    assert!(!studio.has_results());
    assert_eq!(studio.metrics.fetched_bytes_total.get(), 0);
    let painted = studio.run(&assignment).await;
    assert_eq!(painted.pictures[0].fingerprint, before.pictures[0].fingerprint);
    let after = studio.pipeline.check(&assignment).await;
    assert_eq!(after.outcome, Outcome::Skipped);
    assert!(after.pictures[0].skipped);
}

#[tokio::test]
async fn strength_0_with_residual_detail_gives_the_photo_back_pixel_by_pixel() {
    let studio = Studio::new();
    studio.write("bay.png", &photo(1));
    let untouched = Recipe {
        strength: 0.0,
        detail: Detail::Residual,
        ..recipe("embers")
    };
    assert_eq!(untouched.output.format, Format::Png);

    let finished = studio
        .run(&studio.assignment("bay.png", std::slice::from_ref(&untouched)))
        .await;

    assert_eq!(finished.outcome, Outcome::Done);
    let picture = studio.pixels(&output_key("bay.png", &untouched));
    assert_eq!(picture, studio.pixels("bay.png"));
}

#[tokio::test]
async fn an_assignment_that_is_to_turn_back_before_the_device_is_not_tried() {
    let studio = Studio::new();
    studio.write("bay.png", &photo(1));
    let assignment = studio.assignment("bay.png", &[recipe("embers")]);
    let turn_back = CancellationToken::new();
    turn_back.cancel();

    let finished = studio.pipeline.run(&assignment, &turn_back).await;

    assert!(matches!(finished.outcome, Outcome::NotTried(_)), "{finished:?}");
    assert!(finished.pictures.is_empty());
    assert!(!studio.has_results());
    assert_eq!(studio.metrics.attempts_total.with_label_values(&["not_tried"]).get(), 1);
}
