/// Where an axis from 0 to `end` has its ticks: four to nine of them, at multiples of 1, 2 or 5 times a power of ten.
pub(crate) fn ticks(end: f64) -> Vec<f64> {
    if end <= 0.0 {
        return vec![0.0, 1.0];
    }
    let rough = end / 5.0;
    let magnitude = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * magnitude)
        .into_iter()
        .find(|step| *step >= rough);
    let step = step.unwrap_or(10.0 * magnitude);
    let count = (end / step).ceil() as u32;
    (0..=count).map(|tick| f64::from(tick) * step).collect()
}

/// A number of an axis: `250`, `1.5k`, `2M`.
pub(crate) fn label(value: f64) -> String {
    let (scaled, suffix) = match value.abs() {
        size if size >= 1e6 => (value / 1e6, "M"),
        size if size >= 1e4 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let text = format!("{scaled:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_numbers_and_reach_the_end() {
        assert_eq!(ticks(200.0), [0.0, 50.0, 100.0, 150.0, 200.0]);
        assert_eq!(ticks(7.0), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(ticks(0.0), [0.0, 1.0]);
        for end in [0.003, 1.0, 9.9, 61.0, 12_345.0, 1e9] {
            let ticks = ticks(end);
            assert!(
                (4..=10).contains(&ticks.len()) && ticks[ticks.len() - 1] >= end,
                "{end}: {ticks:?}"
            );
        }
    }

    #[test]
    fn large_numbers_are_short() {
        let labels = [0.0, 0.25, 250.0, 2500.0, 15_000.0, 1_000_000.0, 1_250_000.0].map(label);
        assert_eq!(labels, ["0", "0.25", "250", "2500", "15k", "1M", "1.25M"]);
    }
}
