//! Whole requests on the tiny pack: against NumPy's pictures, and every field of a recipe.

use std::sync::Arc;

use crate::support::{config, depth, difference, map, npy_f32, painting, picture, plain, scene, tiny_engine};
use velatura_engine::{Engine, EngineConfig, PaintError, Painting, Request, StyleCode};
use velatura_image::{GrayF32, Rgb8, keep_colors};
use velatura_recipe::{Depth, DepthMode, Detail, Output, OutputSize, Recipe, Size};

fn engine() -> Engine {
    tiny_engine(&config())
}

fn code(engine: &Engine, seed: u64) -> Arc<StyleCode> {
    Arc::new(engine.style_blocking(&scene(96, 64, seed), 96).expect("a style"))
}

fn paint(engine: &Engine, photo: &Arc<Rgb8>, paintings: Vec<Painting>) -> Vec<Result<Rgb8, PaintError>> {
    let request = Request {
        photo: Arc::clone(photo),
        paintings,
    };
    engine.paint_blocking(&request).expect("the engine goes on").pictures
}

fn paint_one(engine: &Engine, photo: &Arc<Rgb8>, painting: Painting) -> Rgb8 {
    paint(engine, photo, vec![painting]).remove(0).expect("painted")
}

fn constant_map(value: f32) -> Option<Arc<GrayF32>> {
    Some(Arc::new(GrayF32::filled(5, 4, [value]).expect("cells")))
}

fn assert_same_picture(found: &Rgb8, expected: &Rgb8) {
    let differing = found.data().iter().zip(expected.data()).filter(|(a, b)| a != b).count();
    assert!(
        difference(found, expected) <= 1 && differing <= 5,
        "{differing} bytes differ"
    );
}

#[test]
fn a_style_is_read_as_numpy_reads_it() {
    let code = engine().style_blocking(&picture("style_image"), 56).expect("a style");
    let expected = npy_f32("code").data;
    let worst = code
        .values()
        .iter()
        .zip(&expected)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(code.values().len() == expected.len() && worst < 1e-5, "{worst}");
}

#[test]
fn recipes_give_the_pictures_that_numpy_paints_alone_and_together() {
    let engine = engine();
    let (photo, code) = (
        Arc::new(picture("content_image")),
        Arc::new(StyleCode::new(npy_f32("code").data)),
    );
    let gradient = Recipe {
        depth: Depth {
            angle_degrees: 0.0,
            ..depth(DepthMode::Gradient)
        },
        ..plain()
    };
    let by_map = Recipe {
        depth: depth(DepthMode::Map),
        ..plain()
    };
    let noise = Painting {
        depth_map: Some(Arc::new(map("alpha_noise"))),
        ..painting(by_map, &code)
    };
    let cases = [
        ("ones", painting(plain(), &code)),
        (
            "zeros",
            painting(
                Recipe {
                    strength: 0.0,
                    ..plain()
                },
                &code,
            ),
        ),
        ("gradient", painting(gradient, &code)),
        ("noise", noise),
    ];
    let together = paint(
        &engine,
        &photo,
        cases.iter().map(|(_, painting)| painting.clone()).collect(),
    );
    for ((name, painting), together) in cases.into_iter().zip(together) {
        let expected = picture(&format!("painted_{name}_u8"));
        assert_same_picture(&paint_one(&engine, &photo, painting), &expected);
        assert_same_picture(&together.expect("painted"), &expected);
    }
}

#[test]
fn depth_is_the_photos_own_and_near_things_are_kept() {
    let engine = engine();
    let (photo, code) = (Arc::new(picture("content_image")), code(&engine, 1));
    let estimate = Recipe {
        depth: Depth::default(),
        ..plain()
    };
    let response = engine
        .paint_blocking(&Request {
            photo: Arc::clone(&photo),
            paintings: vec![painting(estimate.clone(), &code)],
        })
        .expect("painted");
    // The tiny pack holds bright things for near.
    let distance = response.depth.expect("it was asked for");
    assert!(distance.data().iter().all(|value| (0.0..=1.0).contains(value)));
    let shrunk = photo.resized(distance.width(), distance.height()).expect("a size");
    let (mut bright, mut dark) = ((0.0, 0), (0.0, 0));
    for (pixel, value) in shrunk.pixels().iter().zip(distance.data()) {
        let side = if pixel.iter().map(|&v| u32::from(v)).sum::<u32>() > 3 * 140 {
            &mut bright
        } else {
            &mut dark
        };
        *side = (side.0 + value, side.1 + 1);
    }
    assert!(
        bright.0 / (bright.1 as f32) + 0.2 < dark.0 / (dark.1 as f32),
        "{bright:?} {dark:?}"
    );
    let by_map = Recipe {
        depth: depth(DepthMode::Map),
        ..estimate
    };
    let same = Painting {
        depth_map: Some(Arc::new(distance)),
        ..painting(by_map, &code)
    };
    assert!(
        difference(
            response.pictures[0].as_ref().expect("painted"),
            &paint_one(&engine, &photo, same)
        ) <= 1
    );
}

#[test]
fn a_gradient_paints_figure_five_one_side_kept_and_the_other_restyled() {
    let engine = engine();
    let (photo, code) = (scene(256, 128, 4), code(&engine, 2));
    let figure = Recipe {
        depth: Depth {
            angle_degrees: 0.0,
            ..depth(DepthMode::Gradient)
        },
        ..plain()
    };
    let figure = paint_one(&engine, &photo, painting(figure, &code));
    let kept = paint_one(
        &engine,
        &photo,
        painting(
            Recipe {
                strength: 0.0,
                ..plain()
            },
            &code,
        ),
    );
    let restyled = paint_one(&engine, &photo, painting(plain(), &code));
    let mean = |a: &Rgb8, b: &Rgb8, x: u32| {
        let (a, b) = (
            a.crop(x, 0, 16, 128).expect("inside"),
            b.crop(x, 0, 16, 128).expect("inside"),
        );
        a.data()
            .iter()
            .zip(b.data())
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum::<u64>()
    };
    let toward: Vec<u64> = (0..8).map(|i| mean(&figure, &restyled, i * 32)).collect();
    let away: Vec<u64> = (0..8).map(|i| mean(&figure, &kept, i * 32)).collect();
    assert!(
        away[0] * 8 < toward[0] && toward[7] * 8 < away[7],
        "{toward:?} {away:?}"
    );
}

#[test]
fn results_have_exactly_the_photos_size_or_the_one_asked_for() {
    let engine = engine();
    let code = code(&engine, 3);
    for (width, height) in [(1, 1), (16, 16), (3, 700), (301, 17), (129, 200)] {
        let photo = scene(width, height, 5);
        for detail in [Detail::Feature, Detail::Residual] {
            let recipe = Recipe {
                size: Size::LongSide(100),
                detail,
                ..plain()
            };
            let result = paint_one(&engine, &photo, painting(recipe.clone(), &code));
            assert_eq!(result.size(), (width, height));
            let output = Output {
                size: OutputSize::Painted,
                ..Output::default()
            };
            let result = paint_one(&engine, &photo, painting(Recipe { output, ..recipe }, &code));
            let (long, short) = (width.max(height), width.min(height));
            let scaled = if long > 100 {
                (f64::from(short) * 100.0 / f64::from(long)).round().max(1.0) as u32
            } else {
                short
            };
            let expected = if width >= height {
                (long.min(100), scaled)
            } else {
                (scaled, long.min(100))
            };
            assert_eq!(result.size(), expected, "{width}x{height}");
        }
    }
}

#[test]
fn tiles_give_the_same_picture_as_one_piece() {
    let whole = engine();
    let tiled = tiny_engine(&EngineConfig {
        tile_pixels: Some(96 * 96),
        ..config()
    });
    let code = code(&whole, 6);
    let mask = Arc::new(GrayF32::new(2, 2, vec![0.0, 1.0, 0.6, 1.0]).expect("cells"));
    for (width, height) in [(200, 136), (333, 217), (3, 900), (700, 90), (257, 512)] {
        let photo = scene(width, height, u64::from(width));
        let paintings = || {
            let estimate = Recipe {
                depth: Depth::default(),
                ..plain()
            };
            vec![
                painting(plain(), &code),
                painting(
                    Recipe {
                        detail: Detail::Residual,
                        strength: 0.7,
                        ..estimate.clone()
                    },
                    &code,
                ),
                Painting {
                    region: Some(Arc::clone(&mask)),
                    ..painting(
                        Recipe {
                            keep_colors: true,
                            ..estimate
                        },
                        &code,
                    )
                },
                painting(
                    Recipe {
                        size: Size::LongSide(150),
                        ..plain()
                    },
                    &code,
                ),
            ]
        };
        let (one, many) = (paint(&whole, &photo, paintings()), paint(&tiled, &photo, paintings()));
        for (index, (one, many)) in one.into_iter().zip(many).enumerate() {
            let worst = difference(&one.expect("painted"), &many.expect("painted"));
            assert!(worst <= 1, "{width}x{height}, painting {index}: {worst}");
        }
    }
}

#[test]
fn a_style_read_in_pieces_is_nearly_the_style_read_whole() {
    let pieces = tiny_engine(&EngineConfig {
        tile_pixels: Some(64 * 64),
        ..config()
    });
    let style = scene(256, 192, 8);
    let whole = engine().style_blocking(&style, 256).expect("a style");
    let merged = pieces.style_blocking(&style, 256).expect("a style");
    let worst = whole
        .values()
        .iter()
        .zip(merged.values())
        .map(|(a, b)| (a - b).abs() / (0.1 + a.abs()))
        .fold(0.0, f32::max);
    assert!(worst > 0.0 && worst < 0.1, "{worst}");
}

#[test]
fn several_styles_are_mixed_by_weight() {
    let engine = engine();
    let (photo, a, b) = (scene(128, 96, 9), code(&engine, 10), code(&engine, 11));
    let paint_in = |code: &Arc<StyleCode>| paint_one(&engine, &photo, painting(plain(), code));
    let mixed = |weight: f64| Arc::new(StyleCode::mixed(&[(&a, 1.0 - weight), (&b, weight)]).expect("a mixture"));
    assert_eq!(paint_in(&mixed(0.0)), paint_in(&a));
    assert_eq!(paint_in(&mixed(1.0)), paint_in(&b));
    let distance = |code: &Arc<StyleCode>| {
        let (painted, pure) = (paint_in(code), paint_in(&a));
        painted
            .data()
            .iter()
            .zip(pure.data())
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum::<u64>()
    };
    let steps: Vec<u64> = [0.0, 0.25, 0.5, 0.75, 1.0]
        .map(|weight| distance(&mixed(weight)))
        .to_vec();
    assert!(steps.is_sorted() && steps[1] > 0 && steps[3] < steps[4], "{steps:?}");
}

#[test]
fn residual_detail_is_the_photo_itself_where_nothing_is_painted() {
    let engine = engine();
    let code = code(&engine, 12);
    for (width, height) in [(128, 96), (131, 77), (400, 30)] {
        let photo = scene(width, height, 13);
        for size in [Size::Original, Size::LongSide(96)] {
            let recipe = Recipe {
                strength: 0.0,
                detail: Detail::Residual,
                size,
                ..plain()
            };
            assert_eq!(
                paint_one(&engine, &photo, painting(recipe, &code)),
                *photo,
                "{width}x{height} {size:?}"
            );
        }
    }
}

#[test]
fn outside_the_region_the_photo_stays_and_inside_it_is_painted() {
    let engine = engine();
    let (photo, code) = (scene(120, 80, 14), code(&engine, 15));
    let with = |region| {
        paint_one(
            &engine,
            &photo,
            Painting {
                region,
                ..painting(plain(), &code)
            },
        )
    };
    let painted = with(None);
    assert_eq!(with(constant_map(0.0)), *photo);
    assert_eq!(with(constant_map(1.0)), painted);
    let mask: Vec<f32> = (0..120 * 80).map(|i| if i % 120 < 60 { 0.0 } else { 1.0 }).collect();
    let half = with(Some(Arc::new(GrayF32::new(120, 80, mask).expect("cells"))));
    let (left, right) = ((0, 0, 60, 80), (60, 0, 60, 80));
    let part = |picture: &Rgb8, (x, y, w, h): (u32, u32, u32, u32)| picture.crop(x, y, w, h).expect("inside");
    assert_eq!(part(&half, left), part(&photo, left));
    assert_eq!(part(&half, right), part(&painted, right));
}

#[test]
fn kept_colors_are_the_photos_under_the_paintings_luma() {
    let engine = engine();
    let (photo, code) = (scene(96, 150, 16), code(&engine, 17));
    let mut expected = paint_one(&engine, &photo, painting(plain(), &code));
    keep_colors(&photo, &mut expected).expect("of one size");
    let kept = paint_one(
        &engine,
        &photo,
        painting(
            Recipe {
                keep_colors: true,
                ..plain()
            },
            &code,
        ),
    );
    assert_eq!(kept, expected);
}

#[test]
fn what_is_wrong_with_one_painting_does_not_touch_the_others() {
    let engine = engine();
    let (photo, code) = (scene(64, 64, 18), code(&engine, 19));
    let foreign = Arc::new(StyleCode::new(vec![1.0; 7]));
    // features of one huge value each: whatever the photo, one flat colour
    let wild: Vec<f32> = [(4, -1e30), (4, 1.0), (8, -1e30), (8, 1.0)]
        .iter()
        .flat_map(|&(n, v)| vec![v; n])
        .collect();
    let wild = Arc::new(StyleCode::new(wild));
    let pictures = paint(
        &engine,
        &photo,
        vec![
            painting(
                Recipe {
                    depth: depth(DepthMode::Map),
                    ..plain()
                },
                &code,
            ),
            painting(plain(), &foreign),
            painting(plain(), &wild),
            painting(plain(), &code),
        ],
    );
    let codes: Vec<_> = pictures
        .iter()
        .map(|picture| picture.as_ref().map(|_| ()).map_err(PaintError::code))
        .collect();
    assert_eq!(
        codes,
        [
            Err("missing-depth-map"),
            Err("foreign-style"),
            Err("bad-output"),
            Ok(())
        ]
    );
    let sentence = pictures[1].as_ref().expect_err("refused").to_string();
    assert!(sentence.contains('7') && sentence.contains("24"), "{sentence}");
}
