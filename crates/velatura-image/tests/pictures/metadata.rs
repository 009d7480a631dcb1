use crate::support::{decoded, fixture, scene};
use velatura_image::{EncodeOptions, Encoded, Metadata, Note, Orientation, OutputFormat, Photo, encode};

const FORMATS: [OutputFormat; 4] = [
    OutputFormat::Jpeg {
        quality: 90,
        chroma: velatura_image::Chroma::Full444,
    },
    OutputFormat::Png,
    OutputFormat::WebPLossless,
    OutputFormat::WebPLossy { quality: 90 },
];

fn written(photo: &Photo, options: &EncodeOptions) -> Encoded {
    encode(&photo.pixels, None, options, &photo.metadata).unwrap()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The latitude's degrees and minutes as the fixture stores them: 47/1, 22/1.
fn latitude() -> Vec<u8> {
    [47u32, 1, 22, 1].iter().flat_map(|part| part.to_be_bytes()).collect()
}

#[test]
fn the_position_is_removed_and_the_orientation_reset() {
    let photo = decoded(&fixture("phone.jpg"));
    assert!(
        contains(photo.metadata.exif.as_ref().unwrap(), &latitude()),
        "the fixture has a position"
    );
    for format in FORMATS {
        let made = written(&photo, &EncodeOptions::new(format));
        assert!(made.notes.is_empty());
        let again = decoded(&made.bytes);
        let exif = again.metadata.exif.unwrap();
        assert!(!contains(&exif, &latitude()), "{format:?}");
        assert!(!contains(&exif, &54_321u32.to_be_bytes()), "{format:?}");
        assert!(contains(&exif, b"Acme Camera\0"), "{format:?}");
        assert_eq!(again.header.orientation, Orientation::Upright, "{format:?}");
        assert_eq!(again.pixels.size(), (32, 48), "{format:?}");
    }
}

#[test]
fn the_position_is_kept_when_asked() {
    let photo = decoded(&fixture("phone.jpg"));
    for format in FORMATS {
        let options = EncodeOptions {
            keep_gps: true,
            ..EncodeOptions::new(format)
        };
        let exif = decoded(&written(&photo, &options).bytes).metadata.exif.unwrap();
        assert!(contains(&exif, &latitude()), "{format:?}");
    }
}

#[test]
fn maker_notes_stay_where_they_say_they_are() {
    let photo = decoded(&fixture("phone.jpg"));
    let exif = decoded(&written(&photo, &EncodeOptions::default()).bytes)
        .metadata
        .exif
        .unwrap();
    let at = exif
        .windows(12)
        .position(|window| window == b"MAKERNOTE\0\0\0")
        .unwrap();
    let stated = u32::from_be_bytes(exif[at + 12..at + 16].try_into().unwrap());
    assert_eq!(stated as usize, at);
}

#[test]
fn the_thumbnail_of_the_old_picture_is_gone() {
    let photo = decoded(&fixture("phone.jpg"));
    let old = photo.metadata.exif.clone().unwrap();
    let exif = decoded(&written(&photo, &EncodeOptions::default()).bytes)
        .metadata
        .exif
        .unwrap();
    assert!(contains(&old, &[0xFF, 0xD8, 0xFF]), "the fixture has a thumbnail");
    assert!(!contains(&exif, &[0xFF, 0xD8, 0xFF]));
    assert!(
        exif.len() < old.len() - 300,
        "its bytes are given back: {} of {}",
        exif.len(),
        old.len()
    );
}

#[test]
fn the_software_is_recorded_in_every_format() {
    let record = "velatura 0.1 recipe=0123abcd pack=light-3";
    let photo = decoded(&fixture("phone.jpg"));
    for format in FORMATS {
        for exif in [photo.metadata.exif.clone(), None] {
            let metadata = Metadata {
                exif,
                ..Metadata::default()
            };
            let options = EncodeOptions {
                software: Some(record.into()),
                ..EncodeOptions::new(format)
            };
            let made = encode(&photo.pixels, None, &options, &metadata).unwrap();
            let exif = decoded(&made.bytes).metadata.exif.unwrap();
            assert!(contains(&exif, format!("{record}\0").as_bytes()), "{format:?}");
            assert!(!contains(&exif, b"PhoneOS"), "the camera's own is replaced: {format:?}");
            if format == OutputFormat::Png {
                assert!(contains(&made.bytes, b"iTXtSoftware\0"));
            }
        }
    }
}

#[test]
fn exif_is_left_out_when_asked() {
    let photo = decoded(&fixture("phone.jpg"));
    for format in FORMATS {
        let options = EncodeOptions {
            keep_exif: false,
            ..EncodeOptions::new(format)
        };
        assert_eq!(
            decoded(&written(&photo, &options).bytes).metadata.exif,
            None,
            "{format:?}"
        );
    }
}

#[test]
fn a_malformed_exif_block_is_dropped_with_a_note() {
    for broken in [
        &b"Exif"[..],
        b"II*\0\xFF\xFF\xFF\x7F",
        b"MM\0*\0\0\0\x08\xFF\xFF",
        b"no TIFF header at all",
    ] {
        let metadata = Metadata {
            exif: Some(broken.to_vec()),
            ..Metadata::default()
        };
        let made = encode(&scene(8, 8), None, &EncodeOptions::default(), &metadata).unwrap();
        assert_eq!(made.notes[0].code(), "exif-dropped");
        assert_eq!(decoded(&made.bytes).metadata.exif, None);
    }
}

#[test]
fn an_exif_block_too_large_for_a_jpeg_is_dropped_with_a_note() {
    let mut exif = decoded(&fixture("phone.jpg")).metadata.exif.unwrap();
    exif.resize(70_000, 1);
    let metadata = Metadata {
        exif: Some(exif),
        ..Metadata::default()
    };
    let jpeg = encode(&scene(8, 8), None, &EncodeOptions::default(), &metadata).unwrap();
    assert!(matches!(jpeg.notes[..], [Note::ExifTooLarge { .. }]));
    let png = encode(&scene(8, 8), None, &EncodeOptions::new(OutputFormat::Png), &metadata).unwrap();
    assert!(png.notes.is_empty() && decoded(&png.bytes).metadata.exif.is_some());
}
