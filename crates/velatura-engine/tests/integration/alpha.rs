//! Eq. (5) against NumPy, and what must hold for any depth.

use crate::support::{Seeded, depth, fixtures, map};
use serde::Deserialize;
use velatura_engine::Dimensions;
use velatura_engine::alpha::{Convention, normalized, strength_map};
use velatura_image::GrayF32;
use velatura_recipe::{Depth, DepthMode, Normalize, Recipe};

#[derive(Deserialize)]
struct Cases {
    depth: Vec<DepthCase>,
    area_resize: Vec<ResizeCase>,
}

#[derive(Deserialize)]
struct DepthCase {
    name: String,
    depth: String,
    expected: String,
    convention: Convention,
    percentiles: (f64, f64),
    near: f64,
    far: f64,
    contrast: f64,
    invert: bool,
}

#[derive(Deserialize)]
struct ResizeCase {
    source: String,
    height: u32,
    width: u32,
    expected: String,
}

fn cases() -> Cases {
    let text = std::fs::read_to_string(fixtures().join("tensors/alpha_cases.json")).expect("the fixture is there");
    serde_json::from_str(&text).expect("the fixture is as this test knows it")
}

fn worst(a: &GrayF32, b: &GrayF32) -> f32 {
    assert_eq!(a.size(), b.size());
    a.data()
        .iter()
        .zip(b.data())
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

fn recipe(depth: Depth) -> Recipe {
    Recipe {
        depth,
        ..Recipe::with_style("test")
    }
}

#[test]
fn every_option_gives_the_strength_that_numpy_computes() {
    let cases = cases().depth;
    assert!(cases.len() >= 10);
    for case in cases {
        let options = Depth {
            near: case.near,
            far: case.far,
            contrast: case.contrast,
            invert: case.invert,
            normalize: if case.percentiles == (0.0, 100.0) {
                Normalize::Minmax
            } else {
                Normalize::Percentile
            },
            low_percentile: case.percentiles.0,
            high_percentile: case.percentiles.1,
            ..Depth::default()
        };
        let raw = map(&case.depth);
        let distance = normalized(&raw, case.convention, &options);
        let strength = strength_map(&recipe(options), Some(&distance), Dimensions::of(&raw));
        let worst = worst(&strength, &map(&case.expected));
        assert!(worst < 2e-6, "{}: {worst}", case.name);
    }
}

#[test]
fn shrinking_to_the_feature_grid_is_the_exact_mean_of_the_area() {
    let cases = cases().area_resize;
    assert!(!cases.is_empty());
    for case in cases {
        let recipe = recipe(depth(DepthMode::Map));
        let shrunk = strength_map(
            &recipe,
            Some(&map(&case.source)),
            Dimensions::new(case.width, case.height),
        );
        let worst = worst(&shrunk, &map(&case.expected));
        assert!(worst < 1e-6, "{}: {worst}", case.expected);
    }
}

#[test]
fn growing_is_linear_between_centres_and_keeps_the_ends() {
    let steps = GrayF32::new(2, 1, vec![0.0, 1.0]).expect("two cells");
    let grown = strength_map(&recipe(depth(DepthMode::Map)), Some(&steps), Dimensions::new(4, 3));
    assert_eq!(grown.row(2), [0.0, 0.25, 0.75, 1.0]);
}

#[test]
fn strength_grows_with_distance_whatever_the_options() {
    let mut random = Seeded(11);
    for _ in 0..200 {
        let values: Vec<f32> = (0..48).map(|_| (random.unit() * 40.0 - 20.0) as f32).collect();
        let raw = GrayF32::new(8, 6, values).expect("a number a cell");
        let options = Depth {
            near: random.unit(),
            far: random.unit(),
            contrast: 0.1 + random.unit() * 9.9,
            invert: random.next().is_multiple_of(2),
            normalize: if random.next().is_multiple_of(2) {
                Normalize::Minmax
            } else {
                Normalize::Percentile
            },
            ..Depth::default()
        };
        let recipe = Recipe {
            strength: random.unit(),
            ..recipe(options.clone())
        };
        let distance = normalized(&raw, Convention::FartherIsLarger, &options);
        let strength = strength_map(&recipe, Some(&distance), Dimensions::of(&raw));
        let grows = (options.far >= options.near) != options.invert;
        let mut pairs: Vec<(f32, f32)> = raw
            .data()
            .iter()
            .copied()
            .zip(strength.data().iter().copied())
            .collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(
            pairs.is_sorted_by(|a, b| if grows { a.1 <= b.1 } else { a.1 >= b.1 }),
            "{options:?}"
        );
        let (low, high) = (options.near.min(options.far), options.near.max(options.far));
        let within = (low * recipe.strength) as f32 - 1e-6..=(high * recipe.strength) as f32 + 1e-6;
        assert!(
            strength.data().iter().all(|value| within.contains(value)),
            "{options:?}"
        );
    }
}

#[test]
fn the_papers_map_reaches_exactly_nothing_and_everything() {
    let options = Depth {
        normalize: Normalize::Minmax,
        ..Depth::default()
    };
    let raw = GrayF32::new(3, 1, vec![7.0, 2.0, 5.0]).expect("three cells");
    let distance = normalized(&raw, Convention::NearerIsLarger, &options);
    let strength = strength_map(&recipe(options), Some(&distance), Dimensions::new(3, 1));
    assert_eq!(
        (strength.data()[0], strength.data()[1]),
        (0.0, 1.0),
        "nearest, farthest"
    );
}

#[test]
fn a_map_without_depth_is_plain_adain() {
    for value in [0.0, 3.5, f32::NAN, f32::INFINITY] {
        let flat = GrayF32::filled(4, 3, [value]).expect("cells");
        for convention in [Convention::NearerIsLarger, Convention::FartherIsLarger] {
            let distance = normalized(&flat, convention, &Depth::default());
            assert_eq!(distance.data(), [1.0; 12], "{value}");
        }
    }
}

#[test]
fn stray_values_that_are_no_numbers_do_not_spoil_the_rest() {
    let options = Depth {
        normalize: Normalize::Minmax,
        ..Depth::default()
    };
    let raw = GrayF32::new(5, 1, vec![f32::NAN, 10.0, f32::INFINITY, 20.0, f32::NEG_INFINITY]).expect("cells");
    let distance = normalized(&raw, Convention::FartherIsLarger, &options);
    assert_eq!(distance.data(), [1.0, 0.0, 1.0, 1.0, 0.0]);
}

#[test]
fn a_gradient_runs_from_nothing_to_everything_in_its_direction() {
    let grid = Dimensions::new(9, 5);
    let at = |angle_degrees: f64| {
        let depth = Depth {
            angle_degrees,
            ..depth(DepthMode::Gradient)
        };
        strength_map(&recipe(depth), None, grid)
    };
    let right = at(0.0);
    assert!((0..5).all(|y| right.row(y).is_sorted() && right.row(y)[0] == 0.0 && right.row(y)[8] == 1.0));
    assert_eq!(right.row(2)[4], 0.5);
    let up = at(90.0);
    assert!(up.row(0).iter().all(|&v| v == 1.0) && up.row(4).iter().all(|&v| v == 0.0));
    assert_eq!(at(180.0).row(0)[0], 1.0);
    assert_eq!(at(-90.0).row(0)[3], 0.0);
    let diagonal = at(45.0);
    assert_eq!(
        (diagonal.row(4)[0], diagonal.row(0)[8]),
        (0.0, 1.0),
        "bottom left, top right"
    );
}

#[test]
fn without_depth_strength_alone_decides() {
    let off = Recipe {
        strength: 0.3,
        ..recipe(Depth {
            near: 0.5,
            far: 0.6,
            ..depth(DepthMode::Off)
        })
    };
    assert!(
        strength_map(&off, None, Dimensions::new(2, 2))
            .data()
            .iter()
            .all(|&v| v == 0.3)
    );
}
