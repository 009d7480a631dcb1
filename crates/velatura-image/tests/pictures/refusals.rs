use crate::support::{decoded, file, fixture, scene};
use velatura_image::{
    DecodeError, EncodeOptions, Gray8, Limits, Metadata, OutputFormat, decode, decode_gray, encode, probe,
};

fn code(bytes: &[u8]) -> &'static str {
    decode(bytes, &Limits::default()).unwrap_err().code()
}

#[test]
fn an_empty_file_is_refused_with_its_code() {
    assert_eq!(code(b""), "empty");
}

#[test]
fn a_text_file_named_jpg_is_refused_with_its_code() {
    assert_eq!(code(b"Dear diary, this is no picture."), "unknown-format");
    assert_eq!(code(b"\xFF"), "unknown-format");
}

#[test]
fn known_formats_that_are_not_read_are_named() {
    for (bytes, name) in [
        (&b"\0\0\0\x20ftypavif\0\0\0\0"[..], "AVIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "HEIC"),
        (b"\xFF\x0A\0\0", "JPEG XL"),
        (b"%PDF-1.7", "PDF"),
        (b"8BPS\0\x01", "Photoshop"),
    ] {
        let refused = decode(bytes, &Limits::default()).unwrap_err();
        assert_eq!(refused.code(), "unsupported-format");
        assert!(refused.to_string().starts_with(name), "{refused}");
    }
}

#[test]
fn jpeg_codings_that_are_not_read_are_unsupported_features() {
    let bytes = fixture("baseline.jpg");
    let frame = bytes.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    for (marker, precision) in [(0xC3, 8), (0xC5, 8), (0xC9, 8), (0xC1, 12)] {
        let mut other = bytes.clone();
        (other[frame + 1], other[frame + 4]) = (marker, precision);
        assert_eq!(
            code(&other),
            "unsupported-feature",
            "marker {marker:x}, {precision} bits"
        );
    }
}

/// Every length of a file, thinned out where it is long.
fn cuts(length: usize) -> impl Iterator<Item = usize> {
    (1..length).step_by((length / 400).max(1))
}

#[test]
fn a_truncated_jpeg_is_refused_with_its_code() {
    for name in ["baseline.jpg", "progressive.jpg", "gray.jpg", "cmyk.jpg", "phone.jpg"] {
        let bytes = fixture(name);
        decoded(&bytes);
        for length in cuts(bytes.len()) {
            let expected = if length < 3 { "unknown-format" } else { "truncated" };
            assert_eq!(code(&bytes[..length]), expected, "{name} cut to {length}");
        }
    }
}

#[test]
fn a_truncated_png_webp_or_gif_is_refused_with_its_code() {
    let picture = scene(61, 47);
    let files = [
        ("png", file(&picture, OutputFormat::Png), 8),
        (
            "lossy webp",
            file(&picture, OutputFormat::WebPLossy { quality: 80 }),
            12,
        ),
        ("lossless webp", file(&picture, OutputFormat::WebPLossless), 12),
        ("animated webp", fixture("animated.webp"), 12),
        ("palette png", fixture("palette.png"), 8),
    ];
    for (name, bytes, magic) in files {
        for length in cuts(bytes.len()) {
            let expected = if length < magic { "unknown-format" } else { "truncated" };
            assert_eq!(code(&bytes[..length]), expected, "{name} cut to {length}");
        }
    }
    let gif = fixture("animated.gif");
    let first_frame_ends = 300;
    for length in 6..first_frame_ends.min(gif.len()) {
        if let Err(refused) = decode(&gif[..length], &Limits::default()) {
            assert_eq!(refused.code(), "truncated", "gif cut to {length}");
        }
    }
    assert_eq!(code(&gif[..60]), "truncated");
}

#[test]
fn a_truncated_tiff_is_never_shown_in_part() {
    let bytes = fixture("turned.tif");
    let whole = decoded(&bytes);
    for length in cuts(bytes.len()).filter(|length| *length >= 4) {
        match decode(&bytes[..length], &Limits::default()) {
            Ok(photo) => assert_eq!(photo.pixels, whole.pixels, "cut to {length}"),
            Err(refused) => assert!(
                matches!(refused.code(), "truncated" | "corrupt"),
                "cut to {length}: {refused}"
            ),
        }
    }
}

#[test]
fn a_jpeg_with_an_end_marker_but_fewer_restarts_than_it_needs_is_truncated() {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
    encoder.set_restart_interval(4);
    encoder
        .encode(scene(64, 64).data(), 64, 64, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    decoded(&bytes);
    let third_restart = bytes.windows(2).position(|pair| pair == [0xFF, 0xD2]).unwrap();
    let cut = [&bytes[..third_restart], &[0xFF, 0xD9]].concat();
    assert_eq!(code(&cut), "truncated");
}

#[test]
fn a_damaged_png_is_corrupt() {
    let mut bytes = file(&scene(32, 32), OutputFormat::Png);
    let data = bytes.windows(4).position(|kind| kind == b"IDAT").unwrap() + 12;
    bytes[data] ^= 0xFF;
    assert_eq!(code(&bytes), "corrupt");
}

/// A PNG header that claims a size, with nothing in it.
fn claimed_png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = file(&scene(2, 2), OutputFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    })
}

#[test]
fn a_decompression_bomb_is_refused_from_its_header() {
    let refused = decode(&claimed_png(100_000, 100_000), &Limits::default()).unwrap_err();
    let expected = DecodeError::TooManyPixels {
        width: 100_000,
        height: 100_000,
        max_pixels: 100_000_000,
    };
    assert_eq!(refused, expected);
    let mut jpeg = fixture("baseline.jpg");
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].fill(0xFF);
    assert_eq!(code(&jpeg), "too-many-pixels");
    let mut gif = fixture("animated.gif");
    gif[6..10].fill(0xFF);
    assert_eq!(code(&gif), "too-many-pixels");
}

#[test]
fn limits_hold_for_probing_and_for_masks_too() {
    let bytes = file(&scene(20, 10), OutputFormat::Png);
    let limits = Limits {
        max_pixels: 199,
        ..Limits::default()
    };
    assert_eq!(decode(&bytes, &limits).unwrap_err().code(), "too-many-pixels");
    assert_eq!(probe(&bytes, &limits).unwrap_err().code(), "too-many-pixels");
    assert_eq!(decode_gray(&bytes, &limits).unwrap_err().code(), "too-many-pixels");
    assert!(
        decode(
            &bytes,
            &Limits {
                max_pixels: 200,
                ..limits
            }
        )
        .is_ok()
    );
}

#[test]
fn too_many_bytes_are_refused_before_they_are_looked_at() {
    let limits = Limits {
        max_bytes: 10,
        ..Limits::default()
    };
    let refused = decode(b"eleven bytes and more", &limits).unwrap_err();
    assert_eq!(
        refused,
        DecodeError::TooManyBytes {
            bytes: 21,
            max_bytes: 10
        }
    );
}

#[test]
fn too_many_frames_are_refused() {
    let limits = Limits {
        max_frames: 2,
        ..Limits::default()
    };
    for name in ["animated.gif", "animated.webp", "animated.png", "pages.tif"] {
        assert_eq!(
            decode(&fixture(name), &limits).unwrap_err().code(),
            "too-many-frames",
            "{name}"
        );
    }
}

#[test]
fn a_tiff_whose_pages_run_in_a_circle_is_refused() {
    let mut bytes = fixture("turned.tif");
    let first = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    let entries = usize::from(u16::from_le_bytes(bytes[first..first + 2].try_into().unwrap()));
    let next = first + 2 + entries * 12;
    bytes[next..next + 4].copy_from_slice(&(first as u32).to_le_bytes());
    assert_eq!(code(&bytes), "too-many-frames");
}

#[test]
fn alpha_does_not_count_against_the_pixel_limit() {
    let alpha = Gray8::filled(20, 10, [7]).unwrap();
    let made = encode(
        &scene(20, 10),
        Some(&alpha),
        &EncodeOptions::new(OutputFormat::Png),
        &Metadata::default(),
    );
    let limits = Limits {
        max_pixels: 200,
        ..Limits::default()
    };
    assert!(decode(&made.unwrap().bytes, &limits).unwrap().alpha.is_some());
}

#[test]
fn messages_name_the_thing_and_the_remedy() {
    let message = decode(&fixture("baseline.jpg")[..400], &Limits::default())
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "the JPEG file ends before the picture does; copy or upload it again"
    );
}
