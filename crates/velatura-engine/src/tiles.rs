use crate::Dimensions;
use crate::geometry::Window;

/// One piece of a picture that is painted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tile {
    /// What the networks see: the core and a halo around it, clipped at the picture's borders, so that reflection at a
    /// border is the network's own.
    pub(crate) window: Window,
    /// What is kept of it. The cores cover the picture exactly once.
    pub(crate) core: Window,
}

/// How a pack wants its tiles.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TileRule {
    /// Cores and windows start at multiples of this.
    pub(crate) multiple: u32,
    /// Pixels around a core that decide about it; a multiple of `multiple`.
    pub(crate) halo: u32,
}

impl TileRule {
    /// Rows of tiles, from top to bottom, whose windows have at most about `pixels` pixels. Cores are of nearly equal
    /// size, at least `multiple` in each direction however small the budget.
    pub(crate) fn plan(self, picture: Dimensions, pixels: u64) -> Vec<Vec<Tile>> {
        let core = self.core(picture, pixels);
        let columns = self.spans(picture.width, core.width);
        self.spans(picture.height, core.height)
            .into_iter()
            .map(|row| columns.iter().map(|&column| Tile::new(column, row)).collect())
            .collect()
    }

    /// The fewest pixels a window needs for tiling to make sense: a core as large as its halo is wide, on either side.
    pub(crate) fn least_pixels(self) -> u64 {
        u64::from(4 * self.halo).pow(2).max(u64::from(self.multiple).pow(2))
    }

    /// The largest core that keeps the budget: square, or as long as the picture is narrow.
    fn core(self, picture: Dimensions, pixels: u64) -> Dimensions {
        let side = u32::try_from(pixels.isqrt()).unwrap_or(u32::MAX);
        let beside = |length: u32| u32::try_from(pixels / u64::from(length)).unwrap_or(u32::MAX);
        let without_halo = |length: u32| length.saturating_sub(2 * self.halo).max(self.multiple);
        if picture.height <= side {
            Dimensions::new(without_halo(beside(picture.height)), picture.height)
        } else if picture.width <= side {
            Dimensions::new(picture.width, without_halo(beside(picture.width)))
        } else {
            Dimensions::new(without_halo(side), without_halo(side))
        }
    }

    fn spans(self, length: u32, core: u32) -> Vec<Span> {
        let count = length.div_ceil(core);
        let step = length.div_ceil(count).next_multiple_of(self.multiple);
        (0..length)
            .step_by(step as usize)
            .map(|start| {
                let end = (start + step).min(length);
                Span {
                    from: start.saturating_sub(self.halo),
                    start,
                    end,
                    to: (end + self.halo).min(length),
                }
            })
            .collect()
    }
}

/// A tile along one axis: the core is `start..end`, the window `from..to`.
#[derive(Clone, Copy)]
struct Span {
    from: u32,
    start: u32,
    end: u32,
    to: u32,
}

impl Tile {
    fn new(x: Span, y: Span) -> Self {
        Self {
            window: Window {
                x: x.from,
                y: y.from,
                width: x.to - x.from,
                height: y.to - y.from,
            },
            core: Window {
                x: x.start,
                y: y.start,
                width: x.end - x.start,
                height: y.end - y.start,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded::Seeded;

    #[test]
    fn cores_cover_every_picture_exactly_once_and_windows_stay_inside() {
        let mut random = Seeded::new(1);
        for _ in 0..200 {
            let multiple = [1, 4, 8, 16][random.below(4) as usize];
            let rule = TileRule {
                multiple,
                halo: multiple * random.below(6),
            };
            let picture = Dimensions::new(multiple * (1 + random.below(60)), multiple * (1 + random.below(60)));
            let mut covered = vec![0u8; picture.pixels() as usize];
            for tile in rule
                .plan(picture, 64 + u64::from(random.below(90_000)))
                .into_iter()
                .flatten()
            {
                let Tile { window, core } = tile;
                for y in core.y..core.y + core.height {
                    for x in core.x..core.x + core.width {
                        covered[(y * picture.width + x) as usize] += 1;
                    }
                }
                assert!(window.x + window.width <= picture.width && window.y + window.height <= picture.height);
                assert!(
                    [window.x, window.y, core.x, core.y].iter().all(|v| v % multiple == 0),
                    "{tile:?}"
                );
                assert!(
                    [window.width, window.height].iter().all(|v| v % multiple == 0),
                    "{tile:?}"
                );
                assert_eq!(core.x - window.x, rule.halo.min(core.x), "{tile:?}");
                let (end, rest) = (core.y + core.height, picture.height - core.y - core.height);
                assert_eq!(window.y + window.height - end, rule.halo.min(rest), "{tile:?}");
            }
            assert!(covered.iter().all(|&count| count == 1), "{picture:?} {rule:?}");
        }
    }

    #[test]
    fn windows_keep_the_budget_where_it_can_be_kept() {
        let rule = TileRule { multiple: 8, halo: 72 };
        for picture in [(7744, 7744), (20_000, 400), (400, 20_000), (1000, 1000)] {
            let picture = Dimensions::new(picture.0, picture.1);
            for tile in rule.plan(picture, 912 * 912).into_iter().flatten() {
                assert!(tile.window.size().pixels() <= 912 * 912 + 8 * 912, "{tile:?}");
            }
        }
    }

    #[test]
    fn a_panorama_is_cut_only_across() {
        let rows = TileRule { multiple: 8, halo: 72 }.plan(Dimensions::new(20_000, 400), 912 * 912);
        assert_eq!(rows.len(), 1);
        assert!(
            rows[0]
                .iter()
                .all(|tile| tile.core.height == 400 && tile.core.width > 1000)
        );
    }
}
