//! The pack that is shipped, with trained weights.

use std::sync::Arc;

use crate::support::{config, difference, painting, plain, runtime, scene};
use velatura_engine::{Engine, EngineConfig, Pack, Places, Request};
use velatura_image::Rgb8;
use velatura_recipe::{Depth, Detail, Recipe};

fn engine(config: &EngineConfig) -> Engine {
    let pack = Pack::find("velatura-light", &Places::of_this_process().model_dirs()).expect("it is in models/");
    Engine::start(&runtime(), pack, config).expect("it works")
}

fn paint(engine: &Engine, request: &Request) -> Vec<Rgb8> {
    let response = engine.paint_blocking(request).expect("the engine goes on");
    response
        .pictures
        .into_iter()
        .map(|picture| picture.expect("painted"))
        .collect()
}

#[test]
fn a_photo_is_restyled_by_depth_and_by_tiles_as_in_one_piece() {
    let whole = engine(&config());
    let code = Arc::new(whole.style_blocking(&scene(256, 256, 1), 256).expect("a style"));
    let estimate = Recipe {
        depth: Depth::default(),
        ..plain()
    };
    let residual = Recipe {
        detail: Detail::Residual,
        ..estimate.clone()
    };
    let paintings = [plain(), estimate, residual]
        .map(|recipe| painting(recipe, &code))
        .to_vec();
    let request = Request {
        photo: scene(501, 390, 2),
        paintings,
    };
    let in_one_piece = paint(&whole, &request);
    assert!(difference(&in_one_piece[0], &request.photo) > 40, "it is restyled");
    assert!(
        difference(&in_one_piece[0], &in_one_piece[1]) > 10,
        "depth keeps something"
    );

    let by_tiles = paint(
        &engine(&EngineConfig {
            tile_pixels: Some(320 * 320),
            ..config()
        }),
        &request,
    );
    for (one, many) in in_one_piece.iter().zip(&by_tiles) {
        assert!(difference(one, many) <= 1, "{}", difference(one, many));
    }
}
