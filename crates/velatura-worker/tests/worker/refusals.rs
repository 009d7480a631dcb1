//! What can't be painted fails once, with a code, and leaves nothing behind.

use velatura_worker::{Fault, FaultKind, Outcome, PipelineConfig};

use crate::studio::{Studio, house_styles, photo, recipe};

/// The fault that a photo fails with for good.
async fn refused(studio: &Studio, key: &str, style: &str) -> Fault {
    let finished = studio.run(&studio.assignment(key, &[recipe(style)])).await;
    let Outcome::Failed(fault) = finished.outcome else {
        panic!("{key}: {:?}", finished.outcome);
    };
    assert_eq!(fault.kind, FaultKind::Permanent);
    assert!(!studio.has_results());
    let counted = studio.metrics.faults_total.with_label_values(&[&fault.code]).get();
    assert_eq!(counted, 1, "{fault}");
    fault
}

#[tokio::test]
async fn a_broken_photo_fails_with_the_code_of_its_fault_and_its_name() {
    let whole = photo(1);
    let broken = [
        ("empty.png", &[][..], "empty"),
        ("prose.png", b"It was a bright cold day in April.", "unknown-format"),
        ("half.png", &whole[..whole.len() / 2], "truncated"),
    ];
    for (key, bytes, code) in broken {
        let studio = Studio::new();
        studio.write(key, bytes);
        let fault = refused(&studio, key, "embers").await;
        assert_eq!(fault.code, code, "{fault}");
        assert!(fault.message.contains(key), "{fault}");
        assert_eq!(
            studio.metrics.decoded_pixels.get(),
            0,
            "its share of the budget is given back"
        );
    }
}

#[tokio::test]
async fn a_photo_above_the_limit_fails_before_it_is_decoded() {
    let studio = Studio::with(&PipelineConfig {
        max_photo_pixels: 1000,
        ..PipelineConfig::default()
    });
    studio.write("bay.png", &photo(1));
    assert_eq!(refused(&studio, "bay.png", "embers").await.code, "too-many-pixels");
}

#[tokio::test]
async fn a_file_above_the_limit_fails_before_it_is_read() {
    let studio = Studio::with(&PipelineConfig {
        max_photo_bytes: 100,
        ..PipelineConfig::default()
    });
    studio.write("bay.png", &photo(1));
    assert_eq!(refused(&studio, "bay.png", "embers").await.code, "object-too-large");
    assert_eq!(studio.metrics.fetched_bytes_total.get(), 0);
}

#[tokio::test]
async fn an_unknown_style_fails_with_the_names_of_the_house_styles() {
    let studio = Studio::new();
    studio.write("bay.png", &photo(1));
    let fault = refused(&studio, "bay.png", "rembrandt").await;
    assert_eq!(fault.code, "unknown-style");
    assert!(fault.message.contains("\"rembrandt\""), "{fault}");
    for (name, _) in house_styles().iter() {
        assert!(fault.message.contains(name), "{name}: {fault}");
    }
}

#[tokio::test]
async fn a_style_picture_that_is_none_fails_with_the_name_of_the_style() {
    let studio = Studio::new();
    studio.write("bay.png", &photo(1));
    studio.write("styles/mine.png", b"no picture");
    let fault = refused(&studio, "bay.png", &studio.place("styles/mine.png")).await;
    assert_eq!(fault.code, "unknown-format");
    assert!(
        fault.message.contains("the style") && fault.message.contains("mine.png"),
        "{fault}"
    );
}

#[tokio::test]
async fn a_photo_that_is_not_there_fails_as_object_not_found() {
    let studio = Studio::new();
    let fault = refused(&studio, "gone.png", "embers").await;
    assert_eq!(fault.code, "object-not-found");
    assert!(fault.message.contains("gone.png"), "{fault}");
    let checked = studio
        .pipeline
        .check(&studio.assignment("gone.png", &[recipe("embers")]))
        .await;
    assert_eq!(checked.outcome, Outcome::Failed(fault));
}

#[tokio::test]
async fn an_output_outside_the_allowed_folders_fails_before_anything_is_fetched() {
    let studio = Studio::new();
    studio.write("bay.png", &photo(1));
    let mut assignment = studio.assignment("bay.png", &[recipe("embers")]);
    assignment.paintings[0].output = "file:///elsewhere/bay.png".parse().unwrap();
    let finished = studio.run(&assignment).await;
    assert_eq!(finished.outcome.fault().unwrap().code, "location-outside");
    assert_eq!(studio.metrics.fetched_bytes_total.get(), 0);
}
