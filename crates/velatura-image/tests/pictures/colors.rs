use crate::support::{assert_quarters, decoded, file, fixture, mean_difference, scene};
use jpeg_encoder::{ColorType, Encoder};
use moxcms::ColorProfile;
use velatura_image::{IccOutcome, Note, OutputFormat, PlaneError, Rgb8, keep_colors};

fn png_with_profile(data: &[u8], color: png::ColorType, icc: Vec<u8>) -> Vec<u8> {
    let mut info = png::Info::with_size(2, 1);
    info.color_type = color;
    info.bit_depth = png::BitDepth::Eight;
    info.icc_profile = Some(icc.into());
    let mut bytes = Vec::new();
    let mut writer = png::Encoder::with_info(&mut bytes, info)
        .unwrap()
        .write_header()
        .unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    bytes
}

fn jpeg(data: &[u8], color: ColorType, icc: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 100);
    if let Some(icc) = icc {
        encoder.add_icc_profile(icc).unwrap();
    }
    encoder.encode(data, 16, 16, color).unwrap();
    bytes
}

fn assert_near(found: [u8; 3], expected: [u8; 3], tolerance: u8) {
    let near = found
        .iter()
        .zip(expected)
        .all(|(found, expected)| found.abs_diff(expected) <= tolerance);
    assert!(near, "{found:?}, not {expected:?}");
}

#[test]
fn display_p3_becomes_srgb() {
    let icc = ColorProfile::new_display_p3().encode().unwrap();
    let photo = decoded(&png_with_profile(
        &[200, 100, 50, 90, 140, 110],
        png::ColorType::Rgb,
        icc,
    ));
    assert_eq!(photo.metadata.icc, IccOutcome::Converted);
    // From the published primaries and curves, computed apart from the library under test.
    assert_near(photo.pixels.pixel(0, 0), [215, 93, 31], 2);
    assert_near(photo.pixels.pixel(1, 0), [73, 142, 108], 2);
}

#[test]
fn adobe_rgb_becomes_srgb() {
    let icc = ColorProfile::new_adobe_rgb().encode().unwrap();
    let photo = decoded(&png_with_profile(
        &[128, 128, 128, 150, 100, 60],
        png::ColorType::Rgb,
        icc,
    ));
    assert_eq!(photo.metadata.icc, IccOutcome::Converted);
    assert_near(photo.pixels.pixel(0, 0), [129, 129, 129], 2);
    assert_near(photo.pixels.pixel(1, 0), [167, 100, 55], 2);
}

#[test]
fn an_srgb_profile_leaves_the_pixels_alone() {
    let icc = ColorProfile::new_srgb().encode().unwrap();
    let photo = decoded(&png_with_profile(&[1, 2, 3, 250, 128, 0], png::ColorType::Rgb, icc));
    assert_eq!(photo.metadata.icc, IccOutcome::Srgb);
    assert_eq!(photo.pixels.data(), [1, 2, 3, 250, 128, 0]);
}

#[test]
fn a_profile_in_a_jpeg_is_used_too() {
    let icc = ColorProfile::new_display_p3().encode().unwrap();
    let photo = decoded(&jpeg(&[200, 100, 50].repeat(256), ColorType::Rgb, Some(&icc)));
    assert_eq!(photo.metadata.icc, IccOutcome::Converted);
    assert_near(photo.pixels.pixel(7, 7), [215, 93, 31], 4);
}

#[test]
fn a_grey_profile_brightens_grey() {
    let icc = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let photo = decoded(&png_with_profile(&[0, 128], png::ColorType::Grayscale, icc));
    assert_eq!(photo.metadata.icc, IccOutcome::Converted);
    assert_near(photo.pixels.pixel(0, 0), [0, 0, 0], 1);
    // Linear 0.5 is 188 in sRGB.
    assert_near(photo.pixels.pixel(1, 0), [188, 188, 188], 2);
}

#[test]
fn a_broken_profile_is_noted_and_srgb_assumed() {
    let photo = decoded(&png_with_profile(
        &[9, 8, 7, 6, 5, 4],
        png::ColorType::Rgb,
        b"no profile at all".to_vec(),
    ));
    assert_eq!(photo.metadata.icc, IccOutcome::Unusable);
    assert!(
        matches!(&photo.notes[..], [Note::IccUnusable { .. }]),
        "{:?}",
        photo.notes
    );
    assert_eq!(photo.pixels.data(), [9, 8, 7, 6, 5, 4]);
}

#[test]
fn a_profile_of_another_colour_space_is_noted() {
    let icc = ColorProfile::new_gray_with_gamma(2.2).encode().unwrap();
    let photo = decoded(&png_with_profile(&[9, 8, 7, 6, 5, 4], png::ColorType::Rgb, icc));
    assert_eq!(photo.notes[0].code(), "icc-unusable");
}

#[test]
fn every_encoded_picture_says_that_it_is_srgb() {
    for format in [OutputFormat::default(), OutputFormat::Png, OutputFormat::WebPLossless] {
        assert_eq!(
            decoded(&file(&scene(8, 8), format)).metadata.icc,
            IccOutcome::Srgb,
            "{format:?}"
        );
    }
}

#[test]
fn a_cmyk_jpeg_of_adobes_kind_has_its_colours() {
    let photo = decoded(&fixture("cmyk.jpg"));
    assert_eq!(photo.notes, [Note::CmykApproximate]);
    assert_quarters(
        &photo.pixels,
        [[0, 255, 255], [255, 0, 255], [255, 255, 0], [127, 127, 127]],
        4,
    );
}

#[test]
fn a_cmyk_jpeg_with_a_profile_has_the_colours_of_its_press() {
    let photo = decoded(&fixture("press.jpg"));
    assert_eq!(photo.metadata.icc, IccOutcome::Converted);
    assert!(photo.notes.is_empty());
    // What LittleCMS makes of the same file.
    assert_quarters(
        &photo.pixels,
        [[97, 182, 215], [204, 116, 164], [243, 227, 106], [118, 118, 118]],
        3,
    );
}

#[test]
fn a_cmyk_tiff_has_its_colours() {
    let photo = decoded(&fixture("cmyk.tif"));
    assert_quarters(
        &photo.pixels,
        [[0, 255, 255], [255, 0, 255], [255, 255, 0], [127, 127, 127]],
        1,
    );
}

#[test]
fn ycck_and_cmyk_jpegs_show_the_same() {
    // The encoder takes ink, and stores it inverted as Adobe does.
    let ink = [25, 135, 195, 55].repeat(256);
    let expected = [230u32, 120, 60].map(|light| ((light * 200 + 127) / 255) as u8);
    for color in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let photo = decoded(&jpeg(&ink, color, None));
        assert_near(photo.pixels.pixel(8, 8), expected, 3);
    }
}

#[test]
fn kept_colours_have_the_paintings_luma_and_the_photos_chroma() {
    let luma =
        |[red, green, blue]: [u8; 3]| 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
    let blueness = |rgb: [u8; 3]| f64::from(rgb[2]) - luma(rgb);
    let redness = |rgb: [u8; 3]| f64::from(rgb[0]) - luma(rgb);
    let photo = Rgb8::filled(3, 2, [120, 90, 140]).unwrap();
    let painting = Rgb8::filled(3, 2, [60, 150, 110]).unwrap();
    let mut kept = painting.clone();
    keep_colors(&photo, &mut kept).unwrap();
    let (found, photo, painting) = (kept.pixel(1, 1), photo.pixel(0, 0), painting.pixel(0, 0));
    assert!((luma(found) - luma(painting)).abs() <= 1.0);
    assert!((blueness(found) - blueness(photo)).abs() <= 1.0);
    assert!((redness(found) - redness(photo)).abs() <= 1.0);
}

#[test]
fn kept_colours_of_the_photo_itself_are_the_photo() {
    let photo = scene(31, 17);
    let mut same = photo.clone();
    keep_colors(&photo, &mut same).unwrap();
    assert!(mean_difference(&photo, &same) == 0.0);
}

#[test]
fn pictures_of_different_sizes_do_not_share_colours() {
    let refused = keep_colors(&scene(4, 4), &mut scene(4, 5)).unwrap_err();
    assert_eq!(
        refused,
        PlaneError::SizeMismatch {
            left: (4, 4),
            right: (4, 5)
        }
    );
}
