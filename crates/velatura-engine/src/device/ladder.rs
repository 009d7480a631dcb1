//! What to try next when memory runs out: half the batch, single pictures, tiles, smaller tiles; then the task fails.

/// How much is given to the device at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rung {
    /// So many pictures.
    Batch(usize),
    /// One picture in tiles of at most so many pixels.
    Tiles(u64),
}

/// The rung below the one that ran out of memory, or `None` at the bottom. `picture` are the pixels of the picture at
/// hand, `least` the fewest that a tile may have.
pub(crate) fn below(rung: Rung, picture: u64, least: u64) -> Option<Rung> {
    let tiles = |pixels: u64| (pixels >= least).then_some(Rung::Tiles(pixels));
    match rung {
        Rung::Batch(count) if count > 1 => Some(Rung::Batch(count.div_ceil(2))),
        Rung::Batch(_) => tiles(picture / 2),
        Rung::Tiles(pixels) => tiles(pixels.min(picture) / 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_halves_the_batch_then_tiles_then_gives_up() {
        let mut rung = Some(Rung::Batch(5));
        let mut seen = Vec::new();
        while let Some(at) = rung {
            seen.push(at);
            rung = below(at, 1_000_000, 100_000);
        }
        let batches = [5, 3, 2, 1].map(Rung::Batch);
        let tiles = [500_000, 250_000, 125_000].map(Rung::Tiles);
        assert_eq!(seen, [batches.as_slice(), &tiles].concat());
    }

    #[test]
    fn tiles_that_were_already_larger_than_the_picture_shrink_from_the_picture() {
        assert_eq!(below(Rung::Tiles(1_000_000), 400_000, 1), Some(Rung::Tiles(200_000)));
    }
}
