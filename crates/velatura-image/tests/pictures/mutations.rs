//! Bytes that no writer made: whatever they are, the answer is a picture or a code, soon.

use std::time::{Duration, Instant};

use crate::support::{file, fixture, scene};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use velatura_image::{EncodeOptions, Limits, Metadata, OutputFormat, decode, decode_gray, encode, probe};

const CODES: [&str; 10] = [
    "empty",
    "unknown-format",
    "unsupported-format",
    "unsupported-feature",
    "truncated",
    "corrupt",
    "too-many-pixels",
    "too-many-bytes",
    "too-many-frames",
    "decoder-panicked",
];

/// Pixels that a mutated header may claim: small, so that thousands of them are quick.
const LIMITS: Limits = Limits {
    max_pixels: 1 << 20,
    max_bytes: 1 << 20,
    max_frames: 100,
};

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let names = [
        "baseline.jpg",
        "progressive.jpg",
        "gray.jpg",
        "cmyk.jpg",
        "phone.jpg",
        "palette.png",
        "animated.png",
        "animated.gif",
        "animated.webp",
        "turned.webp",
        "turned.tif",
        "cmyk.tif",
    ];
    let mut seeds: Vec<_> = names.map(|name| (name, fixture(name))).into();
    seeds.push((
        "lossy.webp",
        file(&scene(40, 30), OutputFormat::WebPLossy { quality: 70 }),
    ));
    seeds.push(("rgb.png", file(&scene(40, 30), OutputFormat::Png)));
    seeds
}

/// Changes, cuts, repeats or overwrites a few places.
fn mutate(bytes: &mut Vec<u8>, random: &mut StdRng) {
    for _ in 0..random.random_range(1..=6) {
        let at = random.random_range(0..bytes.len());
        match random.random_range(0..6) {
            0 => bytes[at] = random.random(),
            1 => bytes[at] ^= 1 << random.random_range(0..8),
            2 => bytes[at] = *[0, 1, 0x7F, 0x80, 0xFE, 0xFF].get(random.random_range(0..6)).unwrap(),
            3 => bytes.truncate(at.max(16)),
            4 => {
                let end = (at + random.random_range(1..64)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let end = (at + random.random_range(1..16)).min(bytes.len());
                random.fill_bytes(&mut bytes[at..end]);
            }
        }
    }
}

fn check(name: &str, round: usize, bytes: &[u8]) {
    let started = Instant::now();
    match decode(bytes, &LIMITS) {
        Ok(photo) => {
            assert_eq!(probe(bytes, &LIMITS).unwrap(), photo.header, "{name} {round}");
            assert_eq!(
                (photo.header.width, photo.header.height),
                photo.pixels.size(),
                "{name} {round}"
            );
            let options = EncodeOptions {
                software: Some("test".into()),
                ..EncodeOptions::default()
            };
            encode(&photo.pixels, photo.alpha.as_ref(), &options, &photo.metadata).unwrap();
        }
        Err(refused) => assert!(CODES.contains(&refused.code()), "{name} {round}: {refused}"),
    }
    if let Err(refused) = decode_gray(bytes, &LIMITS) {
        assert!(CODES.contains(&refused.code()), "{name} {round}: {refused}");
    }
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{name} {round} took {:?}",
        started.elapsed()
    );
}

#[test]
fn mutated_pictures_give_a_picture_or_a_code() {
    for (index, (name, bytes)) in seeds().into_iter().enumerate() {
        let mut random = StdRng::seed_from_u64(index as u64);
        for round in 0..250 {
            let mut mutated = bytes.clone();
            mutate(&mut mutated, &mut random);
            check(name, round, &mutated);
        }
    }
}

#[test]
fn noise_behind_every_magic_number_gives_a_picture_or_a_code() {
    let magics: [&[u8]; 6] = [
        b"\xFF\xD8\xFF",
        b"\x89PNG\r\n\x1A\n",
        b"RIFF\x40\0\0\0WEBP",
        b"II*\0",
        b"MM\0*",
        b"GIF89a",
    ];
    let mut random = StdRng::seed_from_u64(7);
    for round in 0..200 {
        for magic in magics {
            let mut bytes = magic.to_vec();
            bytes.resize(magic.len() + random.random_range(0..300), 0);
            random.fill_bytes(&mut bytes[magic.len()..]);
            check("noise", round, &bytes);
        }
    }
}

#[test]
fn a_mutated_exif_block_never_stops_a_picture_from_being_written() {
    let photo = decode(&fixture("phone.jpg"), &LIMITS).unwrap();
    let exif = photo.metadata.exif.clone().unwrap();
    let mut random = StdRng::seed_from_u64(11);
    for round in 0..3000 {
        let mut mutated = exif.clone();
        mutate(&mut mutated, &mut random);
        let metadata = Metadata {
            exif: Some(mutated),
            ..Metadata::default()
        };
        for keep_gps in [false, true] {
            let options = EncodeOptions {
                keep_gps,
                software: Some("test".into()),
                ..EncodeOptions::new(OutputFormat::Png)
            };
            let made = encode(&photo.pixels, None, &options, &metadata).unwrap();
            assert_eq!(
                decode(&made.bytes, &LIMITS).unwrap().pixels,
                photo.pixels,
                "round {round}"
            );
        }
    }
}
