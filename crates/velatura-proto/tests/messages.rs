//! The contract's promises.

use velatura_proto::{MessageError, from_json, to_json, v1};
use velatura_recipe::{Depth, DepthMode, Detail, Format, Output, Recipe, Size, WeightedStyle};

fn unusual() -> Recipe {
    Recipe {
        name: Some("evening".into()),
        styles: vec![
            WeightedStyle {
                style: "s3://art/sea.png".into(),
                weight: 3.0,
            },
            WeightedStyle::new("sumi"),
        ],
        strength: 0.25,
        depth: Depth {
            mode: DepthMode::Map,
            map: Some("d/{stem}.png".into()),
            near: 0.5,
            ..Depth::default()
        },
        size: Size::LongSide(900),
        detail: Detail::Residual,
        output: Output {
            format: Format::Webp,
            quality: 77,
            ..Output::default()
        },
        ..Recipe::default()
    }
}

#[test]
fn a_recipe_survives_the_wire() {
    for recipe in [Recipe::with_style("nocturne"), unusual()] {
        let json = to_json(&v1::Recipe::from(&recipe));
        let back: v1::Recipe = serde_json::from_slice(&json).unwrap();
        assert_eq!(Recipe::try_from(back).unwrap(), recipe);
    }
}

#[test]
fn the_wire_has_the_words_and_names_of_a_recipe_file() {
    let json = String::from_utf8(to_json(&v1::Recipe::from(&unusual()))).unwrap();
    assert!(
        json.contains(r#""detail":"residual""#) && json.contains(r#""mode":"map""#),
        "{json}"
    );
    let wrong: v1::Recipe = serde_json::from_str(r#"{"styles":[{"style":"x"}],"detail":"sharp"}"#).unwrap();
    let error = Recipe::try_from(wrong).unwrap_err();
    assert!(
        error.to_string().contains("detail") && error.to_string().contains("residual"),
        "{error}"
    );
}

#[test]
fn an_impossible_recipe_is_refused_at_the_door() {
    let wrong: v1::Recipe = serde_json::from_str(r#"{"styles":[{"style":"x"}],"strength":2}"#).unwrap();
    assert_eq!(Recipe::try_from(wrong).unwrap_err().code(), "recipe-out-of-range");
}

#[test]
fn a_typical_task_is_about_a_kibibyte() {
    let painting = |style: &str| v1::Painting {
        recipe: Some(v1::Recipe::from(&Recipe::with_style(style))),
        output: format!("s3://results/2024/june/holiday/IMG_20240612_101112.{style}.jpg"),
    };
    let task = v1::Task {
        version: 1,
        job_id: "0192f0c1-2345-7abc-8def-0123456789ab".into(),
        seq: 1_234_567,
        attempt: 2,
        source: "s3://library/2024/june/holiday/IMG_20240612_101112.jpg".into(),
        key: "2024/june/holiday/IMG_20240612_101112.jpg".into(),
        paintings: ["nocturne", "harvest", "lagoon", "sumi"].map(painting).into(),
        ..v1::Task::default()
    };
    let json = to_json(&task);
    assert!(json.len() < 1024, "{} bytes", json.len());
    assert_eq!(from_json::<v1::Task>(&json).unwrap(), task);
}

#[test]
fn a_message_of_another_version_is_refused() {
    let task = v1::Task {
        version: 2,
        ..v1::Task::default()
    };
    assert!(matches!(
        from_json::<v1::Task>(&to_json(&task)),
        Err(MessageError::Version(2))
    ));
    assert!(matches!(
        from_json::<v1::Task>(b"not json"),
        Err(MessageError::Syntax(_))
    ));
}
