use std::ops::Range;

use velatura_image::GrayF32;

use crate::Dimensions;

/// Takes a field from one grid to another, row by row: the exact mean of the covered area along an axis that shrinks,
/// linear between cell centres along an axis that grows.
pub(crate) struct Resampler {
    columns: Axis,
    rows: Axis,
    mixed: Vec<f32>,
}

/// For each target cell the source cells that it is made of, with weights that sum to 1.
struct Axis {
    cells: Vec<(usize, Range<usize>)>,
    weights: Vec<f32>,
}

impl Axis {
    fn new(from: u32, to: u32) -> Self {
        let mut axis = Self {
            cells: Vec::with_capacity(to as usize),
            weights: Vec::new(),
        };
        let ratio = f64::from(from) / f64::from(to);
        for target in 0..to {
            let (start, weights) = if to < from {
                covered(f64::from(target) * ratio, f64::from(target + 1) * ratio, from)
            } else {
                between((f64::from(target) + 0.5) * ratio - 0.5, from)
            };
            let first = axis.weights.len();
            axis.weights.extend(weights);
            axis.cells.push((start, first..axis.weights.len()));
        }
        axis
    }

    fn taps(&self, target: usize) -> (usize, &[f32]) {
        let (start, weights) = &self.cells[target];
        (*start, &self.weights[weights.clone()])
    }
}

/// The shares of the cells that lie between two edges.
fn covered(from: f64, to: f64, cells: u32) -> (usize, Vec<f32>) {
    let start = (from.floor() as u32).min(cells - 1);
    let end = (to.ceil() as u32).clamp(start + 1, cells);
    let share = |cell: u32| (to.min(f64::from(cell + 1)) - from.max(f64::from(cell))).max(0.0);
    let total: f64 = (start..end).map(share).sum();
    (
        start as usize,
        (start..end).map(|cell| (share(cell) / total) as f32).collect(),
    )
}

/// The shares of the two cells whose centres enclose a position; beyond the outermost centres, the outermost cell's.
fn between(position: f64, cells: u32) -> (usize, Vec<f32>) {
    let position = position.clamp(0.0, f64::from(cells - 1));
    let start = position.floor();
    let weight = (position - start) as f32;
    let weights = if weight == 0.0 {
        vec![1.0]
    } else {
        vec![1.0 - weight, weight]
    };
    (start as usize, weights)
}

impl Resampler {
    pub(crate) fn new(from: Dimensions, to: Dimensions) -> Self {
        Self {
            columns: Axis::new(from.width, to.width),
            rows: Axis::new(from.height, to.height),
            mixed: vec![0.0; from.width as usize],
        }
    }

    /// Row `y` of the target grid.
    pub(crate) fn row(&mut self, source: &GrayF32, y: u32, target: &mut [f32]) {
        let (start, weights) = self.rows.taps(y as usize);
        self.mixed.fill(0.0);
        for (row, &weight) in (start as u32..).zip(weights) {
            for (sum, value) in self.mixed.iter_mut().zip(source.row(row)) {
                *sum += weight * value;
            }
        }
        for (x, value) in target.iter_mut().enumerate() {
            let (start, weights) = self.columns.taps(x);
            *value = self.mixed[start..].iter().zip(weights).map(|(v, w)| v * w).sum();
        }
    }
}

/// The whole field on another grid.
pub(crate) fn resized(source: &GrayF32, grid: Dimensions) -> GrayF32 {
    if Dimensions::of(source) == grid {
        return source.clone();
    }
    let mut resampler = Resampler::new(Dimensions::of(source), grid);
    let mut target = GrayF32::filled(grid.width, grid.height, [0.0]).expect("a grid has at least one cell");
    for y in 0..grid.height {
        resampler.row(source, y, target.row_mut(y));
    }
    target
}
