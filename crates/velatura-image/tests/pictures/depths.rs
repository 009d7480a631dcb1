use crate::support::{QUARTERS, assert_quarters, decoded, fixture};
use image::codecs::tiff::TiffEncoder;
use image::{ExtendedColorType, ImageEncoder};
use velatura_image::{Limits, decode_gray};

fn png(width: u32, height: u32, color: png::ColorType, depth: png::BitDepth, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    bytes
}

fn big_endian(samples: &[u16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_be_bytes()).collect()
}

#[test]
fn sixteen_bit_rgb_with_alpha_is_rounded_to_eight() {
    let samples = big_endian(&[0x1234, 0x8080, 0xFFFF, 0x4040, 0x00FF, 0x0080, 0x0081, 0xFFFF]);
    let photo = decoded(&png(2, 1, png::ColorType::Rgba, png::BitDepth::Sixteen, &samples));
    assert_eq!(photo.header.bits, 16);
    assert_eq!(photo.pixels.data(), [0x12, 0x80, 0xFF, 0x01, 0x00, 0x01]);
    assert_eq!(photo.alpha.unwrap().data(), [0x40, 0xFF]);
}

#[test]
fn a_palette_becomes_colours_and_its_transparency_alpha() {
    let photo = decoded(&fixture("palette.png"));
    assert_quarters(&photo.pixels, QUARTERS, 0);
    let alpha = photo.alpha.unwrap();
    assert_eq!(alpha.pixel(1, 1), [255]);
    assert_eq!(alpha.pixel(47, 31), [0]);
}

#[test]
fn grey_of_any_depth_becomes_equal_channels() {
    let one_bit = decoded(&png(
        8,
        1,
        png::ColorType::Grayscale,
        png::BitDepth::One,
        &[0b1010_0000],
    ));
    assert_eq!(one_bit.pixels.pixel(0, 0), [255; 3]);
    assert_eq!(one_bit.pixels.pixel(1, 0), [0; 3]);
    let sixteen = decoded(&png(
        1,
        1,
        png::ColorType::Grayscale,
        png::BitDepth::Sixteen,
        &[0x80, 0x80],
    ));
    assert_eq!(sixteen.pixels.pixel(0, 0), [128; 3]);
    let jpeg = decoded(&fixture("gray.jpg"));
    let [red, green, blue] = jpeg.pixels.pixel(40, 24);
    assert!(red == green && green == blue && red.abs_diff(240) <= 3);
}

#[test]
fn grey_with_alpha_keeps_both() {
    let photo = decoded(&png(
        2,
        1,
        png::ColorType::GrayscaleAlpha,
        png::BitDepth::Eight,
        &[10, 20, 30, 255],
    ));
    assert_eq!(photo.pixels.data(), [10, 10, 10, 30, 30, 30]);
    assert_eq!(photo.alpha.unwrap().data(), [20, 255]);
}

#[test]
fn a_sixteen_bit_depth_map_keeps_every_level() {
    let levels: Vec<u16> = (0..=u16::MAX).collect();
    let bytes = png(
        256,
        256,
        png::ColorType::Grayscale,
        png::BitDepth::Sixteen,
        &big_endian(&levels),
    );
    let map = decode_gray(&bytes, &Limits::default()).unwrap();
    for (value, level) in map.data().iter().zip(levels) {
        assert_eq!((value * 65_535.0).round(), f32::from(level));
    }
    assert_eq!((map.data()[0], map.data()[65_535]), (0.0, 1.0));
}

#[test]
fn a_coloured_mask_counts_by_its_luma_and_is_turned_upright() {
    let mask = decode_gray(&fixture("phone.jpg"), &Limits::default()).unwrap();
    assert_eq!(mask.size(), (32, 48));
    let luma = |[red, green, blue]: [u8; 3]| {
        (0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue)) / 255.0
    };
    assert!((mask.pixel(8, 12)[0] - luma(QUARTERS[2])).abs() < 0.01);
    assert!((mask.pixel(24, 36)[0] - luma(QUARTERS[1])).abs() < 0.01);
}

#[test]
fn a_floating_point_tiff_is_read_between_zero_and_one() {
    let samples: Vec<u8> = [0.0f32, 0.25, 1.0, 2.0, -1.0, 0.5]
        .iter()
        .flat_map(|sample| sample.to_ne_bytes())
        .collect();
    let mut bytes = std::io::Cursor::new(Vec::new());
    TiffEncoder::new(&mut bytes)
        .write_image(&samples, 2, 1, ExtendedColorType::Rgb32F)
        .unwrap();
    let photo = decoded(bytes.get_ref());
    assert_eq!(photo.header.bits, 32);
    assert_eq!(photo.pixels.data(), [0, 64, 255, 255, 0, 128]);
}

#[test]
fn a_sixteen_bit_tiff_is_read() {
    let samples: Vec<u8> = [0u16, 0x8080, 0xFFFF]
        .iter()
        .flat_map(|sample| sample.to_ne_bytes())
        .collect();
    let mut bytes = std::io::Cursor::new(Vec::new());
    TiffEncoder::new(&mut bytes)
        .write_image(&samples, 1, 1, ExtendedColorType::Rgb16)
        .unwrap();
    assert_eq!(decoded(bytes.get_ref()).pixels.data(), [0, 128, 255]);
}
