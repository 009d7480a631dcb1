//! Colour profiles to sRGB, in place and a row at a time.

use std::sync::{Arc, LazyLock};

use moxcms::{ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, TransformOptions};

use crate::decode::samples::{Model, Samples, shrink};
use crate::{IccOutcome, Note, Rgb8};

/// The ICC profile that every encoded picture carries.
pub(crate) static SRGB_PROFILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut profile = ColorProfile::new_srgb()
        .encode()
        .expect("the built-in sRGB profile can be written");
    // The writer puts the time of writing into the header; the same picture must always be the same bytes.
    profile[CREATED].copy_from_slice(&CREATED_2026);
    profile
});

/// Where a profile's header says when it was made (ICC.1:2022, 7.2.9): six big-endian u16.
const CREATED: std::ops::Range<usize> = 24..36;
/// The first of January 2026, midnight.
const CREATED_2026: [u8; 12] = [0x07, 0xEA, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0];

/// Pixels converted at once: enough to be quick, little enough to stay in the cache.
const BATCH_PIXELS: usize = 4096;

/// Converts 8-bit samples without alpha to sRGB.
pub(crate) fn to_srgb(samples: Samples, icc: Option<&[u8]>, notes: &mut Vec<Note>) -> (Rgb8, IccOutcome) {
    let Samples {
        width,
        height,
        model,
        bytes,
        ..
    } = samples;
    let transform = icc.map(|icc| Transform::from_profile(icc, model)).transpose();
    let (transform, unusable) = match transform {
        Ok(transform) => (transform, false),
        Err(reason) => {
            notes.push(Note::IccUnusable { reason });
            (None, true)
        }
    };
    if model == Model::Cmyk && transform.is_none() {
        notes.push(Note::CmykApproximate);
    }
    let outcome = match &transform {
        _ if unusable => IccOutcome::Unusable,
        None => IccOutcome::Absent,
        Some(transform) if transform.changes_nothing(model) => IccOutcome::Srgb,
        Some(_) => IccOutcome::Converted,
    };
    let transform = transform.filter(|_| outcome == IccOutcome::Converted);
    let data = match model {
        Model::Gray => expand_gray(&bytes, transform.as_ref()),
        Model::Rgb => convert_rgb(bytes, transform.as_ref()),
        Model::Cmyk => convert_cmyk(bytes, transform.as_ref()),
        Model::GrayAlpha | Model::Rgba => unreachable!("alpha is taken out before colours are converted"),
    };
    (Rgb8::from_parts(width, height, data), outcome)
}

/// A profile's way to sRGB.
struct Transform {
    executor: Arc<Transform8BitExecutor>,
    /// What the profile describes, which for a grey picture may be RGB.
    space: DataColorSpace,
}

impl Transform {
    fn from_profile(icc: &[u8], model: Model) -> Result<Self, String> {
        let profile = ColorProfile::new_from_slice(icc).map_err(|error| error.to_string())?;
        let space = profile.color_space;
        let layout = match (model, space) {
            (Model::Gray, DataColorSpace::Gray) => Layout::Gray,
            (Model::Gray | Model::Rgb, DataColorSpace::Rgb) => Layout::Rgb,
            // moxcms takes four inks in the layout of four bytes a pixel
            (Model::Cmyk, DataColorSpace::Cmyk) => Layout::Rgba,
            _ => return Err(format!("it describes {space:?} and the picture is {model:?}")),
        };
        let executor = profile
            .create_transform_8bit(
                layout,
                &ColorProfile::new_srgb(),
                Layout::Rgb,
                TransformOptions::default(),
            )
            .map_err(|error| error.to_string())?;
        Ok(Self { executor, space })
    }

    /// Whether a grid of colours comes out as it went in, to within one level.
    fn changes_nothing(&self, model: Model) -> bool {
        let levels = || (0..=255u8).step_by(15);
        let grid: Vec<u8> = match model {
            Model::Rgb => levels()
                .flat_map(|red| levels().flat_map(move |green| levels().flat_map(move |blue| [red, green, blue])))
                .collect(),
            Model::Gray => {
                return self
                    .gray_table()
                    .iter()
                    .zip(0..=255u8)
                    .all(|(rgb, gray)| near(rgb, &[gray; 3]));
            }
            Model::Cmyk | Model::GrayAlpha | Model::Rgba => return false,
        };
        let mut converted = vec![0; grid.len()];
        self.run(&grid, &mut converted);
        near(&grid, &converted)
    }

    /// What each grey level becomes.
    fn gray_table(&self) -> [[u8; 3]; 256] {
        let channels = if self.space == DataColorSpace::Gray { 1 } else { 3 };
        let levels: Vec<u8> = (0..=255u8)
            .flat_map(|level| std::iter::repeat_n(level, channels))
            .collect();
        let mut table = [[0; 3]; 256];
        self.run(&levels, table.as_flattened_mut());
        table
    }

    fn run(&self, source: &[u8], target: &mut [u8]) {
        self.executor
            .transform(source, target)
            .expect("source and target have as many pixels and the layouts asked for");
    }
}

fn near(left: &[u8], right: &[u8]) -> bool {
    left.iter().zip(right).all(|(left, right)| left.abs_diff(*right) <= 1)
}

fn expand_gray(bytes: &[u8], transform: Option<&Transform>) -> Vec<u8> {
    let table = transform.map_or_else(|| std::array::from_fn(|level| [level as u8; 3]), Transform::gray_table);
    let mut data = vec![0; bytes.len() * 3];
    for (rgb, gray) in data.as_chunks_mut::<3>().0.iter_mut().zip(bytes) {
        *rgb = table[usize::from(*gray)];
    }
    data
}

fn convert_rgb(mut bytes: Vec<u8>, transform: Option<&Transform>) -> Vec<u8> {
    if let Some(transform) = transform {
        let mut converted = [0; BATCH_PIXELS * 3];
        for batch in bytes.chunks_mut(BATCH_PIXELS * 3) {
            let converted = &mut converted[..batch.len()];
            transform.run(batch, converted);
            batch.copy_from_slice(converted);
        }
    }
    bytes
}

fn convert_cmyk(mut bytes: Vec<u8>, transform: Option<&Transform>) -> Vec<u8> {
    let Some(transform) = transform else {
        shrink(&mut bytes, |[cyan, magenta, yellow, black]: [u8; 4]| {
            let light = |ink: u8| ((u32::from(255 - ink) * u32::from(255 - black) + 127) / 255) as u8;
            [light(cyan), light(magenta), light(yellow)]
        });
        return bytes;
    };
    // Converted pixels are shorter than the inks they come from, so they never overtake what is still to be read.
    let mut inks = [0; BATCH_PIXELS * 4];
    let pixels = bytes.len() / 4;
    for start in (0..pixels).step_by(BATCH_PIXELS) {
        let count = BATCH_PIXELS.min(pixels - start);
        let inks = &mut inks[..count * 4];
        inks.copy_from_slice(&bytes[start * 4..][..count * 4]);
        transform.run(inks, &mut bytes[start * 3..][..count * 3]);
    }
    bytes.truncate(pixels * 3);
    bytes.shrink_to_fit();
    bytes
}
