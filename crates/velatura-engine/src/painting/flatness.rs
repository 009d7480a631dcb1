/// Watches whether a picture that comes in parts is one flat colour.
#[derive(Debug, Default)]
pub(super) struct Flatness {
    first: Option<[u8; 3]>,
    varies: bool,
}

impl Flatness {
    /// Looks at more pixels; stops at the first that differs.
    pub(super) fn look(&mut self, pixels: &[u8]) {
        if !self.varies {
            let (pixels, _) = pixels.as_chunks::<3>();
            let first = *self.first.get_or_insert(pixels.first().copied().unwrap_or_default());
            self.varies = pixels.iter().any(|&pixel| pixel != first);
        }
    }

    pub(super) fn is_flat(&self) -> bool {
        !self.varies
    }
}

/// Levels that a photo must span for a flat painting of it to be a fault.
const LIVELY: u8 = 16;

/// Whether a photo has so much in it that no painting of it can be one flat colour.
pub(super) fn is_lively(pixels: &[u8]) -> bool {
    let (pixels, _) = pixels.as_chunks::<3>();
    let Some(first) = pixels.first() else { return false };
    pixels
        .iter()
        .any(|pixel| pixel.iter().zip(first).any(|(a, b)| a.abs_diff(*b) > LIVELY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_means_equal_over_all_parts() {
        let mut flatness = Flatness::default();
        flatness.look(&[1, 2, 3, 1, 2, 3]);
        flatness.look(&[1, 2, 3]);
        assert!(flatness.is_flat());
        flatness.look(&[1, 2, 4]);
        assert!(!flatness.is_flat());
    }

    #[test]
    fn noise_alone_makes_no_lively_photo() {
        assert!(!is_lively(&[100, 100, 100, 110, 95, 101]));
        assert!(is_lively(&[100, 100, 100, 100, 130, 100]));
    }
}
