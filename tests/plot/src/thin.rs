/// The points without those that no one could see: of each of `columns` strips the first, the lowest, the highest and the
/// last remain, so that a spike stays a spike.
pub(crate) fn thin(points: &[(f64, f64)], end: f64, columns: usize) -> Vec<(f64, f64)> {
    if points.len() <= 4 * columns || end <= 0.0 {
        return points.to_vec();
    }
    let column = |point: &(f64, f64)| (point.0 / end * columns as f64) as usize;
    points
        .chunk_by(|a, b| column(a) == column(b))
        .flat_map(extremes)
        .collect()
}

fn extremes(strip: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let by = |better: fn(f64, f64) -> bool| {
        let pick = |best: usize, at: usize| if better(strip[at].1, strip[best].1) { at } else { best };
        (0..strip.len()).fold(0, pick)
    };
    let mut kept = [0, by(|a, b| a < b), by(|a, b| a > b), strip.len() - 1];
    kept.sort_unstable();
    let mut points: Vec<(f64, f64)> = kept.map(|at| strip[at]).to_vec();
    points.dedup();
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_stays_and_a_short_curve_is_left_alone() {
        let mut long: Vec<(f64, f64)> = (0..100_000).map(|x| (f64::from(x), 1.0)).collect();
        long[54_321].1 = 9.0;
        let thinned = thin(&long, 100_000.0, 100);
        assert!(thinned.len() <= 500, "{}", thinned.len());
        assert!(thinned.contains(&(54_321.0, 9.0)));
        assert_eq!((thinned[0], thinned[thinned.len() - 1]), (long[0], long[99_999]));
        assert_eq!(thin(&long[..10], 10.0, 100), &long[..10]);
    }
}
