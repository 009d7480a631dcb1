//! `velatura stylize` over a folder of mixed photos, as somebody with a laptop runs it.

use std::fs;
use std::path::Path;

use anyhow::Result;
use tempfile::TempDir;
use velatura_e2e::{BAD, GOOD, mixed_folder, run_measured, scenes, sixty_megapixels, velatura, velatura_command};
use velatura_image::Limits;

fn text(path: &Path) -> &str {
    path.to_str().expect("test paths are UTF-8")
}

#[test]
fn good_photos_are_painted_and_bad_ones_reported_with_their_codes() -> Result<()> {
    let (photos, out) = (TempDir::new()?, TempDir::new()?);
    mixed_folder(photos.path())?;
    let arguments = [
        "stylize",
        text(photos.path()),
        "--style",
        "nocturne",
        "--out",
        text(out.path()),
        "--json",
    ];
    let ran = velatura(&arguments);
    assert_eq!(ran.code, 1, "{}", ran.stderr);

    for photo in GOOD {
        let (stem, _) = photo.key.rsplit_once('.').unwrap_or((photo.key, ""));
        let result = fs::read(out.path().join(format!("{stem}.nocturne.jpg")))?;
        let header = velatura_image::probe(&result, &Limits::default())?;
        assert_eq!((header.width, header.height), photo.size, "{}", photo.key);
    }
    let lines = ran.json();
    for (name, code) in BAD {
        let line = lines
            .iter()
            .find(|line| line["input"].as_str().is_some_and(|input| input.ends_with(name)));
        let line = line.unwrap_or_else(|| panic!("{name} is not reported"));
        assert_eq!(
            (line["outcome"].as_str(), line["code"].as_str()),
            (Some("failed"), Some(code)),
            "{line}"
        );
        assert!(
            line["message"].as_str().is_some_and(|message| !message.is_empty()),
            "{line}"
        );
    }
    let summary = &lines.last().expect("a last line")["summary"];
    assert_eq!(
        (summary["painted"].as_u64(), summary["failed"].as_u64()),
        (Some(18), Some(2)),
        "{summary}"
    );

    let again = velatura(&arguments);
    let lines = again.json();
    let summary = &lines.last().expect("a last line")["summary"];
    assert_eq!(
        (summary["painted"].as_u64(), summary["skipped"].as_u64()),
        (Some(0), Some(18)),
        "{summary}"
    );
    Ok(())
}

/// How different two pictures are, in levels, on average.
fn difference(a: &Path, b: &Path) -> Result<f64> {
    let read = |path: &Path| -> Result<_> { Ok(velatura_image::decode(&fs::read(path)?, &Limits::default())?.pixels) };
    let (a, b) = (read(a)?, read(b)?);
    assert_eq!(a.size(), b.size());
    let sum: u64 = a
        .data()
        .iter()
        .zip(b.data())
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    Ok(sum as f64 / a.data().len() as f64)
}

#[test]
fn orientation_colour_and_alpha_come_through() -> Result<()> {
    let (photos, out) = (TempDir::new()?, TempDir::new()?);
    mixed_folder(photos.path())?;
    // Without any strength and with the photo's own detail the result is the photo, turned upright, in sRGB.
    let ran = velatura(&[
        "stylize",
        text(photos.path()),
        "--style",
        "nocturne",
        "--out",
        text(out.path()),
        "--strength",
        "0",
        "--detail",
        "residual",
        "--output-format",
        "png",
        "--template",
        "{path}/{stem}.{ext}",
    ]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for photo in GOOD {
        let (stem, _) = photo.key.rsplit_once('.').unwrap_or((photo.key, ""));
        let off = difference(&photos.path().join(photo.key), &out.path().join(format!("{stem}.png")))?;
        assert!(off == 0.0, "{} is off by {off} levels", photo.key);
    }
    let alpha = velatura_image::decode(&fs::read(out.path().join("deep-with-alpha.png"))?, &Limits::default())?.alpha;
    assert!(alpha.is_some(), "the alpha channel is kept");
    Ok(())
}

#[test]
fn sixty_megapixels_are_painted_at_full_size_in_bounded_memory() -> Result<()> {
    let (photos, out) = (TempDir::new()?, TempDir::new()?);
    let size = sixty_megapixels(&photos.path().join("large.jpg"))?;
    let mut command = velatura_command();
    command.args([
        "stylize",
        text(photos.path()),
        "--style",
        "nocturne",
        "--out",
        text(out.path()),
    ]);
    let (status, peak_bytes) = run_measured(command)?;
    assert!(status.success());
    let result = fs::read(out.path().join("large.nocturne.jpg"))?;
    let header = velatura_image::probe(&result, &Limits::default())?;
    assert_eq!((header.width, header.height), size);
    assert!(peak_bytes < 1_500 << 20, "peak memory was {} MiB", peak_bytes >> 20);
    Ok(())
}

#[test]
fn a_contact_sheet_and_several_styles_and_a_mixture() -> Result<()> {
    let out = TempDir::new()?;
    let sheet = out.path().join("sheet.png");
    let scenes = scenes()?;
    let ran = velatura(&[
        "stylize",
        text(&scenes[0]),
        text(&scenes[1]),
        "--style",
        "nocturne",
        "--style",
        "sumi",
        "--size",
        "256",
        "--out",
        text(out.path()),
        "--sheet",
        text(&sheet),
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let header = velatura_image::probe(&fs::read(&sheet)?, &Limits::default())?;
    assert!(header.width > 1000 && header.height > 300, "{header:?}");

    let mixed = velatura(&[
        "stylize",
        text(&scenes[0]),
        "--style",
        "nocturne",
        "--style",
        "sumi",
        "--mix",
        "2:1",
        "--size",
        "256",
        "--out",
        text(out.path()),
        "--json",
    ]);
    assert_eq!(mixed.code, 0, "{}", mixed.stderr);
    assert_eq!(mixed.json()[0]["style"], "nocturne+sumi");
    Ok(())
}

#[test]
fn a_dry_run_names_what_would_be_painted_and_paints_nothing() -> Result<()> {
    let out = TempDir::new()?;
    let scenes = scenes()?;
    let arguments = [
        "stylize",
        text(&scenes[0]),
        "--style",
        "nocturne",
        "--out",
        text(out.path()),
        "--dry-run",
        "--json",
    ];
    let ran = velatura(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.json()[0]["outcome"], "to-paint");
    assert_eq!(fs::read_dir(out.path())?.count(), 0);
    Ok(())
}
