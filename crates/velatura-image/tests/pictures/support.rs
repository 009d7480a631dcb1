//! Pictures to test with.
#![allow(dead_code, reason = "each test file uses its own part")]

use velatura_image::{EncodeOptions, Limits, Metadata, OutputFormat, Photo, Rgb8, decode, encode};

/// The colours of the four quarters of the fixtures: top left, top right, bottom left, bottom right.
pub(crate) const QUARTERS: [[u8; 3]; 4] = [[200, 40, 40], [40, 160, 60], [40, 60, 190], [240, 240, 240]];

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn decoded(bytes: &[u8]) -> Photo {
    decode(bytes, &Limits::default()).unwrap()
}

/// A smooth picture without symmetry.
pub(crate) fn scene(width: u32, height: u32) -> Rgb8 {
    let mut data = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
            let wave = ((u * 9.0).sin() * (v * 7.0).cos() + 1.0) / 2.0;
            data.extend([(u * 255.0) as u8, (v * 200.0) as u8 + 20, (wave * 255.0) as u8]);
        }
    }
    Rgb8::new(width, height, data).unwrap()
}

pub(crate) fn file(pixels: &Rgb8, format: OutputFormat) -> Vec<u8> {
    encode(pixels, None, &EncodeOptions::new(format), &Metadata::default())
        .unwrap()
        .bytes
}

/// The largest difference of any sample.
pub(crate) fn largest_difference(left: &Rgb8, right: &Rgb8) -> u8 {
    assert_eq!(left.size(), right.size());
    left.data()
        .iter()
        .zip(right.data())
        .map(|(left, right)| left.abs_diff(*right))
        .max()
        .unwrap()
}

/// The mean difference of the samples.
pub(crate) fn mean_difference(left: &Rgb8, right: &Rgb8) -> f64 {
    assert_eq!(left.size(), right.size());
    let sum: u64 = left
        .data()
        .iter()
        .zip(right.data())
        .map(|(left, right)| u64::from(left.abs_diff(*right)))
        .sum();
    sum as f64 / left.data().len() as f64
}

/// Asserts that the middles of the four quarters have these colours.
pub(crate) fn assert_quarters(picture: &Rgb8, expected: [[u8; 3]; 4], tolerance: u8) {
    let (width, height) = picture.size();
    let middles = [(1, 1), (3, 1), (1, 3), (3, 3)];
    for ((x, y), expected) in middles.into_iter().zip(expected) {
        let found = picture.pixel(x * width / 4, y * height / 4);
        let near = found
            .iter()
            .zip(expected)
            .all(|(found, expected)| found.abs_diff(expected) <= tolerance);
        assert!(near, "quarter ({x}, {y}): {found:?}, not {expected:?}");
    }
}
