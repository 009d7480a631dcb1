//! Networks that normalise over the whole picture and measure its statistics themselves: with a style's code, and with the
//! style in the weights.

use std::sync::Arc;

use crate::support::{config, depth, difference, fixtures, painting, plain, runtime, scene, tiny_engine};
use velatura_engine::{Engine, EngineConfig, Pack, PackFolder, PaintError, Request, StyleCode};
use velatura_image::Rgb8;
use velatura_recipe::{Depth, DepthMode, Detail, Recipe};

fn engine(name: &str, config: &EngineConfig) -> Engine {
    let open = |name: &str| PackFolder::open(&fixtures().join(name)).expect("the fixture is whole");
    let pack = Pack::of(open(name), Some(open("tiny-depth"))).expect("both parts are there");
    Engine::start(&runtime(), pack, config).expect("it works")
}

fn in_tiles(pixels: u64) -> EngineConfig {
    EngineConfig {
        tile_pixels: Some(pixels),
        ..config()
    }
}

fn paint(engine: &Engine, photo: &Arc<Rgb8>, recipes: &[Recipe], code: &Arc<StyleCode>) -> Vec<Rgb8> {
    let request = Request {
        photo: Arc::clone(photo),
        paintings: recipes.iter().map(|recipe| painting(recipe.clone(), code)).collect(),
    };
    let response = engine.paint_blocking(&request).expect("the engine goes on");
    response
        .pictures
        .into_iter()
        .map(|picture| picture.expect("painted"))
        .collect()
}

fn strength(strength: f64) -> Recipe {
    Recipe { strength, ..plain() }
}

#[test]
fn a_style_in_the_weights_needs_no_picture_and_takes_no_code() {
    let engine = engine("tiny-single", &config());
    let code = engine.style_blocking(&scene(64, 64, 1), 64).expect("nothing to read");
    assert_eq!(code.values(), [] as [f32; 0]);
    let photo = scene(96, 64, 2);
    let painted = paint(&engine, &photo, &[plain()], &Arc::new(code)).remove(0);
    assert!(difference(&painted, &photo) > 30, "it is painted");

    let foreign = painting(plain(), &Arc::new(StyleCode::new(vec![1.0; 4])));
    let request = Request {
        photo,
        paintings: vec![foreign],
    };
    let refused = engine
        .paint_blocking(&request)
        .expect("the engine goes on")
        .pictures
        .remove(0);
    assert_eq!(refused, Err(PaintError::ForeignStyle { expected: 0, found: 4 }));
}

#[test]
fn a_code_decides_and_mixes() {
    let engine = engine("tiny-measured", &config());
    let read = |seed| engine.style_blocking(&scene(64, 64, seed), 64).expect("a style");
    let (a, b) = (read(1), read(2));
    assert_eq!((a.values().len(), a == b), (4, false));
    let mixed = StyleCode::mixed(&[(&a, 1.0), (&b, 1.0)]).expect("codes of one pack mix");
    let photo = scene(96, 64, 3);
    let of = |code: &StyleCode| paint(&engine, &photo, &[plain()], &Arc::new(code.clone())).remove(0);
    assert!(of(&a) != of(&b) && of(&mixed) != of(&a));
}

#[test]
fn without_strength_the_photo_stays_and_strength_grows_between() {
    for name in ["tiny-measured", "tiny-single"] {
        let engine = engine(name, &config());
        let code = Arc::new(engine.style_blocking(&scene(64, 64, 1), 64).expect("a style"));
        let photo = scene(96, 64, 2);
        let painted = paint(&engine, &photo, &[strength(0.0), strength(0.4), strength(1.0)], &code);
        assert_eq!(painted[0], *photo, "{name}");
        for ((&none, &some), (&all, _)) in painted[0]
            .data()
            .iter()
            .zip(painted[1].data())
            .zip(painted[2].data().iter().zip(0..))
        {
            let expected = 0.6 * f64::from(none) + 0.4 * f64::from(all);
            assert!((f64::from(some) - expected).abs() <= 1.5, "{name}: {none} {some} {all}");
        }
    }
}

#[test]
fn tiles_show_no_seam_and_keep_to_the_whole() {
    for name in ["tiny-measured", "tiny-single"] {
        let (whole, tiles) = (engine(name, &config()), engine(name, &in_tiles(64 * 64)));
        let code = Arc::new(whole.style_blocking(&scene(60, 60, 1), 60).expect("a style"));
        // Without detail that the smaller copy would lose, and so with nearly its statistics.
        let photo = Arc::new(scene(64, 48, 4).resized(256, 192).expect("larger"));
        let by_depth = Recipe {
            depth: depth(DepthMode::Estimate),
            ..plain()
        };
        let residual = Recipe {
            detail: Detail::Residual,
            ..by_depth.clone()
        };
        let recipes = [plain(), by_depth, residual, strength(0.0)];
        let expected = paint(&whole, &photo, &recipes, &code);
        let found = paint(&tiles, &photo, &recipes, &code);
        for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
            // The statistics are those of a copy of a twelfth of the pixels: a shade off, alike everywhere.
            let worst = difference(found, expected);
            assert!(worst <= 16, "{name}, recipe {index}: {worst}");
            assert!(seam(found, expected) <= 3.0, "{name}, recipe {index}: a seam shows");
        }
        assert_eq!(found[3], *photo);
    }
}

/// How much more the difference of two pictures jumps between one column and the next than it does between any two: a
/// seam is a jump in one place, a shade that differs everywhere is none.
fn seam(a: &Rgb8, b: &Rgb8) -> f64 {
    let mut jumps = vec![0.0; a.width() as usize - 1];
    for (a, b) in a.rows().zip(b.rows()) {
        let shade = |place: usize| f64::from(a[place]) - f64::from(b[place]);
        for (column, jump) in jumps.iter_mut().enumerate() {
            *jump += (shade(3 * column + 3) - shade(3 * column)).abs();
        }
    }
    jumps.sort_by(f64::total_cmp);
    jumps[jumps.len() - 1] / jumps[jumps.len() / 2].max(f64::from(a.height()))
}

#[test]
fn residual_detail_of_a_network_that_keeps_the_photo_adds_nothing() {
    let engine = engine("tiny-measured", &config());
    let code = Arc::new(engine.style_blocking(&scene(64, 64, 1), 64).expect("a style"));
    let near = Recipe {
        depth: Depth {
            near: 0.3,
            ..depth(DepthMode::Estimate)
        },
        ..plain()
    };
    let residual = Recipe {
        detail: Detail::Residual,
        ..near.clone()
    };
    let painted = paint(&engine, &scene(96, 64, 2), &[near, residual], &code);
    assert!(difference(&painted[0], &painted[1]) <= 1);
}

#[test]
fn a_style_picture_above_the_budget_is_read_in_one_smaller_piece() {
    let engine = engine("tiny-measured", &in_tiles(32 * 32));
    let code = engine.style_blocking(&scene(256, 256, 1), 256).expect("a style");
    let whole = tiny_single_read(&scene(256, 256, 1));
    let worst = code
        .values()
        .iter()
        .zip(whole.values())
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(worst < 0.05, "{worst}");
}

fn tiny_single_read(picture: &Rgb8) -> StyleCode {
    engine("tiny-measured", &config())
        .style_blocking(picture, 256)
        .expect("a style")
}

#[test]
fn the_same_depth_from_another_pack_gives_the_same_strength() {
    let photo = scene(96, 64, 5);
    let borrowed = engine("tiny-single", &config())
        .depth_blocking(&photo)
        .expect("a depth");
    let own = tiny_engine(&config()).depth_blocking(&photo).expect("a depth");
    assert_eq!(borrowed, own);
}
