use serde::{Deserialize, Serialize};
use velatura_image::GrayF32;
use velatura_recipe::{Depth, Normalize};

/// What a depth network's larger numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Convention {
    /// Inverse depth (MiDaS, Depth Anything and most others).
    NearerIsLarger,
    /// Depth.
    FartherIsLarger,
}

/// A network's raw depth as 0 (nearest) to 1 (farthest), by the recipe's rule: least and greatest value, or two
/// percentiles beyond which everything counts as nearest or farthest.
///
/// A map without depth (nothing between its two limits) is 1 everywhere: plain AdaIN. What is no number is 1 too, and
/// takes no part in the limits; infinities are the ends.
pub fn normalized(raw: &GrayF32, convention: Convention, depth: &Depth) -> GrayF32 {
    let sign = match convention {
        Convention::NearerIsLarger => -1.0,
        Convention::FartherIsLarger => 1.0,
    };
    let mut distance = raw.clone();
    for value in distance.data_mut() {
        *value *= sign;
    }
    let (low, high) = limits(distance.data(), depth);
    let extent = high - low;
    for value in distance.data_mut() {
        let position = (f64::from(*value) - low) / extent;
        *value = if extent > 0.0 && !position.is_nan() {
            position.clamp(0.0, 1.0) as f32
        } else {
            1.0
        };
    }
    distance
}

fn limits(values: &[f32], depth: &Depth) -> (f64, f64) {
    let mut finite: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    if finite.is_empty() {
        return (0.0, 0.0);
    }
    finite.sort_unstable_by(f32::total_cmp);
    match depth.normalize {
        Normalize::Minmax => (f64::from(finite[0]), f64::from(finite[finite.len() - 1])),
        Normalize::Percentile => (
            percentile(&finite, depth.low_percentile),
            percentile(&finite, depth.high_percentile),
        ),
    }
}

/// `numpy.percentile` with its default, linear interpolation between the two nearest of the sorted values.
fn percentile(sorted: &[f32], percent: f64) -> f64 {
    let position = percent / 100.0 * (sorted.len() - 1) as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let (a, b, t) = (
        f64::from(sorted[below]),
        f64::from(sorted[above]),
        position - below as f64,
    );
    if t < 0.5 {
        a + (b - a) * t
    } else {
        b - (b - a) * (1.0 - t)
    }
}
