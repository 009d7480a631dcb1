//! What is in memory at once.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::interval;
use velatura_recipe::Recipe;
use velatura_worker::{Outcome, PipelineConfig};

use crate::studio::{Studio, photo, recipe};

/// Room for two photos of 64 × 48 with two pictures each.
const ROOM_FOR_TWO: u64 = 20 * 1024;
/// Room for one photo and a third of a picture.
const TOO_NARROW: u64 = 4 * 1024;

fn with_budget(budget_pixels: u64) -> Studio {
    Studio::with(&PipelineConfig {
        budget_pixels,
        ..PipelineConfig::default()
    })
}

#[tokio::test]
async fn many_assignments_at_once_stay_within_the_pixel_budget_and_all_are_painted() {
    let studio = with_budget(ROOM_FOR_TWO);
    let assignments: Vec<_> = (0..24)
        .map(|nth| {
            let key = format!("{nth}.png");
            studio.write(&key, &photo(nth * 10));
            studio.assignment(&key, &[recipe("embers"), recipe("glass")])
        })
        .collect();

    let mut painting = pin!(join_all(assignments.iter().map(|assignment| studio.run(assignment))));
    let mut looks = interval(Duration::from_millis(1));
    let mut peak = 0;
    let finished = loop {
        tokio::select! {
            finished = &mut painting => break finished,
            _ = looks.tick() => peak = peak.max(studio.metrics.decoded_pixels.get()),
        }
    };

    assert!(finished.iter().all(|one| one.outcome == Outcome::Done), "{finished:?}");
    assert_eq!(studio.metrics.pictures_total.get(), 48);
    assert!(peak > 0, "something was seen");
    assert!(peak <= ROOM_FOR_TWO as i64, "{peak}");
    assert_eq!(studio.metrics.decoded_pixels.get(), 0, "all is given back");
    for stage in ["fetch", "decode", "paint", "encode", "store"] {
        assert_eq!(
            studio.metrics.stage_busy.with_label_values(&[stage]).get(),
            0,
            "{stage}"
        );
    }
}

#[tokio::test]
async fn a_photo_larger_than_the_whole_budget_is_painted_recipe_by_recipe() {
    let recipes = ["embers", "glass", "sumi"].map(recipe);
    let goes = async |studio: &Studio, recipes: &[Recipe]| {
        studio.write("bay.png", &photo(1));
        let finished = studio.run(&studio.assignment("bay.png", recipes)).await;
        assert_eq!(finished.outcome, Outcome::Done);
        assert_eq!(finished.pictures.len(), 3);
        assert_eq!(studio.metrics.decoded_pixels.get(), 0);
        studio
            .metrics
            .stage_seconds
            .with_label_values(&["paint"])
            .get_sample_count()
    };
    assert_eq!(goes(&with_budget(TOO_NARROW), &recipes).await, 3);
    assert_eq!(
        goes(&Studio::new(), &recipes).await,
        1,
        "with room it is done in one go"
    );
}

#[tokio::test]
async fn two_photos_that_each_need_the_whole_budget_are_painted_one_after_the_other() {
    let studio = with_budget(TOO_NARROW);
    let assignments = ["bay.png", "cape.png"].map(|key| {
        studio.write(key, &photo(1));
        studio.assignment(key, &[recipe("embers"), recipe("glass")])
    });
    let finished = join_all(assignments.iter().map(|assignment| studio.run(assignment))).await;
    assert!(finished.iter().all(|one| one.outcome == Outcome::Done), "{finished:?}");
    assert_eq!(studio.metrics.decoded_pixels.get(), 0);
}
