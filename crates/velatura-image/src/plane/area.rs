//! Exact area averaging: each destination pixel is the mean of the source rectangle it covers, partly covered pixels
//! weighted by the covered part. Sums are preserved whatever the ratio, which the usual box filter does not promise.

/// The source pixels under one destination pixel, along one axis.
struct Span {
    start: usize,
    /// Covered parts, scaled to sum to 1.
    weights: Vec<f32>,
}

/// Resizes a single-channel plane of `from` pixels to `to` pixels.
pub(super) fn resize(data: &[f32], from: (u32, u32), to: (u32, u32)) -> Vec<f32> {
    let (source_width, target_width) = (from.0 as usize, to.0 as usize);
    let columns = spans(from.0, to.0);
    let mut target = vec![0.0; target_width * to.1 as usize];
    for (line, span) in target.chunks_exact_mut(target_width).zip(spans(from.1, to.1)) {
        let source = data[span.start * source_width..].chunks_exact(source_width);
        for (row, weight) in source.zip(&span.weights) {
            for (sum, column) in line.iter_mut().zip(&columns) {
                let covered = row[column.start..].iter().zip(&column.weights);
                *sum += weight * covered.map(|(value, part)| value * part).sum::<f32>();
            }
        }
    }
    target
}

fn spans(source: u32, target: u32) -> Vec<Span> {
    let ratio = f64::from(source) / f64::from(target);
    (0..target)
        .map(|index| {
            let (from, to) = (f64::from(index) * ratio, f64::from(index + 1) * ratio);
            let start = (from.floor() as u32).min(source - 1);
            let end = (to.ceil() as u32).clamp(start + 1, source);
            let covered = |pixel: u32| (to.min(f64::from(pixel + 1)) - from.max(f64::from(pixel))).max(0.0);
            let total: f64 = (start..end).map(covered).sum();
            Span {
                start: start as usize,
                weights: (start..end).map(|pixel| (covered(pixel) / total) as f32).collect(),
            }
        })
        .collect()
}
