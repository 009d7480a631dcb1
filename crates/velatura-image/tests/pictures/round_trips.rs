use crate::support::{QUARTERS, assert_quarters, decoded, file, fixture, largest_difference, mean_difference, scene};
use velatura_image::{
    Chroma, EncodeOptions, Format, Gray8, Limits, Metadata, Note, OutputFormat, Rgb8, decode, encode, probe,
};

const JPEG_444: OutputFormat = OutputFormat::Jpeg {
    quality: 95,
    chroma: Chroma::Full444,
};
const JPEG_420: OutputFormat = OutputFormat::Jpeg {
    quality: 95,
    chroma: Chroma::Half420,
};

fn opacity(width: u32, height: u32) -> Gray8 {
    let data = (0..width * height).map(|index| (index % 251) as u8).collect();
    Gray8::new(width, height, data).unwrap()
}

#[test]
fn png_and_lossless_webp_give_back_every_pixel() {
    let picture = scene(97, 53);
    for format in [OutputFormat::Png, OutputFormat::WebPLossless] {
        let photo = decoded(&file(&picture, format));
        assert_eq!(photo.pixels, picture, "{format:?}");
        assert!(photo.alpha.is_none() && photo.notes.is_empty());
    }
}

#[test]
fn jpeg_and_lossy_webp_come_back_close() {
    let picture = scene(203, 101);
    for (format, tolerance) in [
        (JPEG_444, 1.5),
        (JPEG_420, 2.0),
        (OutputFormat::WebPLossy { quality: 95 }, 3.0),
    ] {
        let difference = mean_difference(&decoded(&file(&picture, format)).pixels, &picture);
        assert!(difference < tolerance, "{format:?}: {difference}");
    }
}

#[test]
fn half_resolution_chroma_makes_a_smaller_jpeg() {
    let picture = scene(256, 256);
    assert!(file(&picture, JPEG_420).len() < file(&picture, JPEG_444).len());
}

#[test]
fn alpha_is_kept_in_png_and_webp() {
    let (picture, alpha) = (scene(41, 37), opacity(41, 37));
    for format in [
        OutputFormat::Png,
        OutputFormat::WebPLossless,
        OutputFormat::WebPLossy { quality: 90 },
    ] {
        let made = encode(
            &picture,
            Some(&alpha),
            &EncodeOptions::new(format),
            &Metadata::default(),
        )
        .unwrap();
        let photo = decoded(&made.bytes);
        assert_eq!(photo.alpha.as_ref(), Some(&alpha), "{format:?}");
        assert!(photo.header.alpha);
        if format == OutputFormat::Png {
            assert_eq!(photo.pixels, picture);
        }
    }
}

#[test]
fn a_jpeg_of_a_transparent_picture_lies_over_white_and_says_so() {
    let picture = Rgb8::filled(16, 16, [100, 0, 200]).unwrap();
    let alpha = Gray8::filled(16, 16, [51]).unwrap();
    let made = encode(
        &picture,
        Some(&alpha),
        &EncodeOptions::new(JPEG_444),
        &Metadata::default(),
    )
    .unwrap();
    assert_eq!(made.notes, [Note::AlphaOverWhite]);
    let [red, green, blue] = decoded(&made.bytes).pixels.pixel(8, 8);
    assert!(
        red.abs_diff(224) <= 2 && green.abs_diff(204) <= 2 && blue.abs_diff(244) <= 2,
        "{red} {green} {blue}"
    );
}

#[test]
fn every_format_of_other_writers_is_read() {
    for (name, format) in [
        ("baseline.jpg", Format::Jpeg),
        ("progressive.jpg", Format::Jpeg),
        ("palette.png", Format::Png),
        ("animated.gif", Format::Gif),
        ("animated.webp", Format::WebP),
        ("animated.png", Format::Png),
        ("pages.tif", Format::Tiff),
    ] {
        let bytes = fixture(name);
        let photo = decoded(&bytes);
        assert_eq!(photo.header.format, format, "{name}");
        assert_eq!(photo.pixels.size(), (48, 32), "{name}");
        assert_eq!(probe(&bytes, &Limits::default()).unwrap(), photo.header, "{name}");
        assert_quarters(&photo.pixels, QUARTERS, 4);
    }
}

#[test]
fn the_first_frame_is_used_and_said_so() {
    for name in ["animated.gif", "animated.webp", "animated.png", "pages.tif"] {
        let photo = decoded(&fixture(name));
        assert_eq!(photo.notes, [Note::FirstFrameOnly { frames: 3 }], "{name}");
    }
}

#[test]
fn the_same_pixels_make_the_same_bytes() {
    let picture = scene(64, 64);
    for format in [
        JPEG_444,
        OutputFormat::Png,
        OutputFormat::WebPLossless,
        OutputFormat::WebPLossy { quality: 80 },
    ] {
        assert_eq!(file(&picture, format), file(&picture, format), "{format:?}");
    }
}

#[test]
fn one_pixel_is_a_picture() {
    let picture = Rgb8::filled(1, 1, [9, 99, 199]).unwrap();
    for format in [JPEG_444, JPEG_420, OutputFormat::Png, OutputFormat::WebPLossless] {
        let back = decode(&file(&picture, format), &Limits::default()).unwrap();
        assert!(largest_difference(&back.pixels, &picture) <= 3, "{format:?}");
    }
}

#[test]
fn impossible_requests_are_refused_with_their_codes() {
    let picture = scene(8, 8);
    let refuse = |pixels: &Rgb8, alpha: Option<&Gray8>, format: OutputFormat| {
        encode(pixels, alpha, &EncodeOptions::new(format), &Metadata::default())
            .unwrap_err()
            .code()
    };
    let quality = |quality| OutputFormat::Jpeg {
        quality,
        chroma: Chroma::Full444,
    };
    assert_eq!(refuse(&picture, None, quality(0)), "invalid-quality");
    assert_eq!(refuse(&picture, None, quality(101)), "invalid-quality");
    assert_eq!(
        refuse(&picture, Some(&opacity(7, 8)), OutputFormat::Png),
        "alpha-size-mismatch"
    );
    let wide = Rgb8::filled(16_384, 1, [0; 3]).unwrap();
    assert_eq!(refuse(&wide, None, OutputFormat::WebPLossless), "picture-too-large");
    let wider = Rgb8::filled(65_536, 1, [0; 3]).unwrap();
    assert_eq!(refuse(&wider, None, JPEG_444), "picture-too-large");
}
