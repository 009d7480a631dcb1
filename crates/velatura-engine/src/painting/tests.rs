//! The host's part alone, with a network that needs no ONNX Runtime: its features are the picture itself, 4 by 4 pixels a
//! cell, and its style is the negative, so that every result is known.

use std::path::Path;
use std::sync::Arc;

use velatura_image::Rgb8;
use velatura_recipe::{Depth, Recipe};

use super::*;
use crate::StyleCode;
use crate::device::{Floats, Run, RunError, Value};
use crate::pack::Graph;
use crate::seeded::Seeded;

const CELL: usize = 4;

/// Fails for pictures above `memory_pixels`.
struct Negative {
    memory_pixels: u64,
    depth: f32,
}

impl Run for Negative {
    fn run(&mut self, graph: Graph, items: &[&[Value]]) -> Result<Vec<Vec<Value>>, RunError> {
        items
            .iter()
            .map(|item| self.answer(graph, item).map(|value| vec![value]))
            .collect()
    }
}

impl Negative {
    fn answer(&self, graph: Graph, item: &[Value]) -> Result<Value, RunError> {
        match (graph, item) {
            (Graph::Depth, _) => Ok(Value::Floats(Floats::new(vec![2, 2], vec![0.0, 1.0, 2.0, self.depth]))),
            (Graph::Encode, [Value::Picture(picture)]) if picture.pixel_count() <= self.memory_pixels => {
                Ok(Value::Floats(cells(picture)))
            }
            (Graph::Paint, [Value::Picture(picture), _, Value::Floats(alpha)])
                if picture.pixel_count() <= self.memory_pixels =>
            {
                Ok(Value::Picture(Arc::new(pixels(&cells(picture), alpha))))
            }
            (Graph::Decode, [Value::Floats(features), _, _, Value::Floats(alpha)]) => {
                Ok(Value::Picture(Arc::new(pixels(features, alpha))))
            }
            _ => Err(RunError::OutOfMemory("the picture is too large for this test".into())),
        }
    }
}

fn cells(picture: &Rgb8) -> Floats {
    let (width, height) = (picture.width() as usize / CELL, picture.height() as usize / CELL);
    let channels = CELL * CELL * 3;
    let mut data = vec![0.0; channels * width * height];
    for (y, row) in picture.rows().enumerate() {
        for (x, &value) in row.iter().enumerate() {
            let channel = (y % CELL) * CELL * 3 + x % (CELL * 3);
            data[(channel * height + y / CELL) * width + x / (CELL * 3)] = f32::from(value);
        }
    }
    Floats::new(vec![channels, height, width], data)
}

fn pixels(features: &Floats, alpha: &Floats) -> Rgb8 {
    let (height, width) = (features.shape[1], features.shape[2]);
    let mut picture = Rgb8::filled((width * CELL) as u32, (height * CELL) as u32, [0; 3]).expect("a size");
    for y in 0..height * CELL {
        for (x, value) in picture.row_mut(y as u32).iter_mut().enumerate() {
            let channel = (y % CELL) * CELL * 3 + x % (CELL * 3);
            let (row, column) = (y / CELL, x / (CELL * 3));
            let (this, strength) = (
                features.data[(channel * height + row) * width + column],
                alpha.data[row * width + column],
            );
            *value = (strength * (255.0 - this) + (1.0 - strength) * this).round() as u8;
        }
    }
    picture
}

fn pack() -> Pack {
    Pack::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny-pack")).expect("the tiny pack is whole")
}

fn noise(width: u32, height: u32) -> Arc<Rgb8> {
    let mut random = Seeded::new(9);
    let data = (0..width * height * 3).map(|_| random.next() as u8).collect();
    Arc::new(Rgb8::new(width, height, data).expect("made to measure"))
}

fn painting(recipe: Recipe) -> Painting {
    let code = StyleCode::new(vec![1.0; pack().paint().code_length()]);
    Painting {
        recipe: Arc::new(recipe),
        code: Arc::new(code),
        depth_map: None,
        region: None,
    }
}

fn without_depth() -> Recipe {
    Recipe {
        depth: Depth {
            mode: DepthMode::Off,
            ..Depth::default()
        },
        ..Recipe::with_style("negative")
    }
}

fn painted(memory_pixels: u64, depth: f32, request: &Request) -> Result<Response, EngineError> {
    let negative = Negative { memory_pixels, depth };
    let (device, ()) = DeviceHandle::start(4, move || Ok((negative, 0, ()))).expect("it starts");
    paint(&device, &pack(), u64::MAX, request)
}

#[test]
fn a_photo_too_large_for_memory_is_painted_by_ever_smaller_tiles_and_comes_out_the_same() {
    let request = Request {
        photo: noise(400, 240),
        paintings: vec![painting(without_depth()); 2],
    };
    let enough = painted(u64::MAX, 3.0, &request).expect("painted");
    let little = painted(14_000, 3.0, &request).expect("painted");
    assert!(enough.pictures.iter().all(Result::is_ok));
    assert_eq!(enough.pictures, little.pictures);
}

#[test]
fn the_negative_at_full_strength_is_the_negative() {
    let request = Request {
        photo: noise(64, 48),
        paintings: vec![painting(without_depth())],
    };
    let response = painted(u64::MAX, 3.0, &request).expect("painted");
    let expected: Vec<u8> = request.photo.data().iter().map(|value| 255 - value).collect();
    assert_eq!(response.pictures[0].as_ref().map(Rgb8::data), Ok(expected.as_slice()));
}

#[test]
fn where_even_the_smallest_tiles_do_not_fit_the_painting_fails_and_says_so() {
    let request = Request {
        photo: noise(400, 240),
        paintings: vec![painting(without_depth())],
    };
    let response = painted(100, 3.0, &request).expect("the engine goes on");
    assert_eq!(
        response.pictures[0].as_ref().map_err(PaintError::code),
        Err("out-of-memory")
    );
}

#[test]
fn depth_that_is_no_number_fails_those_who_need_it_and_nobody_else() {
    let estimating = painting(Recipe::with_style("negative"));
    let request = Request {
        photo: noise(64, 48),
        paintings: vec![estimating, painting(without_depth())],
    };
    let response = painted(u64::MAX, f32::NAN, &request).expect("the engine goes on");
    assert_eq!(response.pictures[0], Err(PaintError::BadDepth));
    assert!(response.pictures[1].is_ok());
    assert_eq!(response.depth, None);
}

#[test]
fn a_painting_of_one_flat_colour_is_refused_unless_the_photo_is_flat_too() {
    let half = Recipe {
        strength: 0.5,
        ..without_depth()
    };
    let request = Request {
        photo: noise(64, 48),
        paintings: vec![painting(half.clone()); 2],
    };
    // half the negative and half the photo is grey everywhere, which no true painting is
    let response = painted(u64::MAX, 3.0, &request).expect("painted");
    assert!(
        response
            .pictures
            .iter()
            .all(|picture| *picture == Err(PaintError::BadOutput)),
        "{response:?}"
    );
    let flat = Arc::new(Rgb8::filled(64, 48, [10, 20, 30]).expect("a size"));
    let response = painted(
        u64::MAX,
        3.0,
        &Request {
            photo: flat,
            paintings: vec![painting(half)],
        },
    )
    .expect("painted");
    assert!(response.pictures[0].is_ok(), "{response:?}");
}

#[test]
fn the_engines_end_is_no_pictures_error() {
    let negative = Negative {
        memory_pixels: 0,
        depth: 0.0,
    };
    let (device, ()) = DeviceHandle::start(4, move || Ok((negative, 0, ()))).expect("it starts");
    device.close();
    let request = Request {
        photo: noise(64, 48),
        paintings: vec![painting(without_depth())],
    };
    assert_eq!(
        paint(&device, &pack(), u64::MAX, &request).map(|_| ()),
        Err(EngineError::Closed)
    );
}
