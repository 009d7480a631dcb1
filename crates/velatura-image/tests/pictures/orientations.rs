use crate::support::{QUARTERS, assert_quarters, decoded, file, fixture, scene};
use velatura_image::{Gray8, Limits, Orientation, OutputFormat, Rgb8, probe};

/// EXIF's definition: where row 0 and column 0 of the stored picture come to lie when it is shown.
fn shown(stored: &Rgb8, orientation: u16) -> Rgb8 {
    let (width, height) = stored.size();
    let size = if orientation >= 5 {
        (height, width)
    } else {
        (width, height)
    };
    let mut upright = Rgb8::filled(size.0, size.1, [0; 3]).unwrap();
    for y in 0..height {
        for x in 0..width {
            let (left, top, right, bottom) = (x, y, width - 1 - x, height - 1 - y);
            let (to_x, to_y) = match orientation {
                1 => (left, top),
                2 => (right, top),
                3 => (right, bottom),
                4 => (left, bottom),
                5 => (top, left),
                6 => (bottom, left),
                7 => (bottom, right),
                8 => (top, right),
                _ => unreachable!(),
            };
            upright.row_mut(to_y)[to_x as usize * 3..][..3].copy_from_slice(&stored.pixel(x, y));
        }
    }
    upright
}

/// A minimal EXIF block with an orientation.
fn exif(orientation: u16, big_endian: bool) -> Vec<u8> {
    if big_endian {
        let [high, low] = orientation.to_be_bytes();
        vec![
            b'M', b'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, high, low, 0, 0, 0, 0, 0, 0,
        ]
    } else {
        let [low, high] = orientation.to_le_bytes();
        vec![
            b'I', b'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, low, high, 0, 0, 0, 0, 0, 0,
        ]
    }
}

/// Puts an eXIf chunk behind a PNG's header.
fn png_with_exif(pixels: &Rgb8, exif: &[u8]) -> Vec<u8> {
    let (width, height) = pixels.size();
    let mut info = png::Info::with_size(width, height);
    info.color_type = png::ColorType::Rgb;
    info.bit_depth = png::BitDepth::Eight;
    info.exif_metadata = Some(exif.to_vec().into());
    let mut bytes = Vec::new();
    let mut writer = png::Encoder::with_info(&mut bytes, info)
        .unwrap()
        .write_header()
        .unwrap();
    writer.write_image_data(pixels.data()).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn all_eight_orientations_come_out_upright() {
    // Larger than a tile of the transposition, and a multiple of it on neither side.
    let stored = scene(75, 41);
    for orientation in 1..=8 {
        for big_endian in [false, true] {
            let bytes = png_with_exif(&stored, &exif(orientation, big_endian));
            let header = probe(&bytes, &Limits::default()).unwrap();
            let photo = decoded(&bytes);
            assert_eq!(photo.pixels, shown(&stored, orientation), "orientation {orientation}");
            assert_eq!((header.width, header.height), photo.pixels.size());
            assert_eq!(header.orientation.to_exif(), orientation);
        }
    }
}

#[test]
fn an_orientation_outside_the_range_means_upright() {
    for value in [0, 9, 0xFFFF] {
        assert_eq!(Orientation::from_exif(value), None);
        let stored = scene(12, 7);
        assert_eq!(decoded(&png_with_exif(&stored, &exif(value, false))).pixels, stored);
    }
}

#[test]
fn jpeg_webp_and_tiff_of_other_writers_are_turned() {
    // Turned clockwise by 90 degrees, the lower left quarter comes to the upper left.
    let upright = [QUARTERS[2], QUARTERS[0], QUARTERS[3], QUARTERS[1]];
    for name in ["phone.jpg", "turned.webp", "turned.tif"] {
        let photo = decoded(&fixture(name));
        assert_eq!(photo.pixels.size(), (32, 48), "{name}");
        assert_eq!(photo.header.orientation, Orientation::Rotate90, "{name}");
        assert_quarters(&photo.pixels, upright, 4);
    }
}

#[test]
fn alpha_turns_with_the_picture() {
    let picture = scene(5, 3);
    let alpha = Gray8::new(5, 3, (0..15).collect()).unwrap();
    let turned = Orientation::Rotate90.apply(alpha);
    assert_eq!(turned.size(), (3, 5));
    assert_eq!(turned.row(0), [10, 5, 0]);
    assert_eq!(Orientation::Rotate90.apply(picture.clone()), shown(&picture, 6));
}

#[test]
fn a_picture_without_exif_is_upright() {
    let header = probe(&file(&scene(9, 4), OutputFormat::Png), &Limits::default()).unwrap();
    assert_eq!(header.orientation, Orientation::Upright);
}
