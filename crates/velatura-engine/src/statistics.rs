use crate::geometry::Window;

/// Added to the variance inside the root, as in the paper's AdaIN.
const EPSILON: f64 = 1e-5;

/// Running sums are kept this wide, so that they don't wait for each other and the compiler can use vectors.
const LANES: usize = 8;

/// Mean and spread of each channel of a feature map, gathered piece by piece in f64.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moments {
    count: f64,
    channels: Vec<Moment>,
}

/// Mean, and sum of squared differences from it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Moment {
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Of the part `core` of a feature map `data` [C, h, w], w being `width`. Two passes: the mean first, so that nothing cancels.
    pub(crate) fn of(data: &[f32], width: u32, height: u32, core: Window) -> Self {
        let count = core.size().pixels() as f64;
        let plane = width as usize * height as usize;
        let channels = data.chunks_exact(plane).map(|channel| {
            let rows = || {
                let rows = channel
                    .chunks_exact(width as usize)
                    .skip(core.y as usize)
                    .take(core.height as usize);
                rows.map(|row| &row[core.x as usize..][..core.width as usize])
            };
            let mean = rows().map(|row| sum(row, |v| v)).sum::<f64>() / count;
            let squares = rows().map(|row| sum(row, |v| (v - mean) * (v - mean))).sum();
            Moment { mean, squares }
        });
        Self {
            count,
            channels: channels.collect(),
        }
    }

    /// What a code says about `count` cells.
    pub(crate) fn from_code(mean: &[f32], deviation: &[f32], count: f64) -> Self {
        let channel = |(&mean, &deviation): (&f32, &f32)| {
            let variance = (f64::from(deviation).powi(2) - EPSILON).max(0.0);
            Moment {
                mean: f64::from(mean),
                squares: variance * count,
            }
        };
        Self {
            count,
            channels: mean.iter().zip(deviation).map(channel).collect(),
        }
    }

    /// Joins two pieces by Chan's formula.
    pub(crate) fn merge(&mut self, other: &Self) {
        let total = self.count + other.count;
        for (a, b) in self.channels.iter_mut().zip(&other.channels) {
            let delta = b.mean - a.mean;
            a.mean += delta * other.count / total;
            a.squares += b.squares + delta * delta * self.count * other.count / total;
        }
        self.count = total;
    }

    /// Appends the means, then the deviations, sqrt(biased variance + 1e-5): one level of a code.
    pub(crate) fn write_code(&self, code: &mut Vec<f32>) {
        code.extend(self.channels.iter().map(|c| c.mean as f32));
        code.extend(
            self.channels
                .iter()
                .map(|c| (c.squares / self.count + EPSILON).sqrt() as f32),
        );
    }
}

fn sum(values: &[f32], term: impl Fn(f64) -> f64) -> f64 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += term(f64::from(value));
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|&v| term(f64::from(v))).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dimensions;
    use crate::seeded::Seeded;

    #[test]
    fn merged_pieces_equal_the_whole_even_far_from_zero() {
        let mut random = Seeded::new(7);
        for offset in [0.0, 1000.0] {
            let (width, height) = (13u32, 9u32);
            let data: Vec<f32> = (0..3 * width * height).map(|_| offset + random.unit() as f32).collect();
            let whole = Moments::of(&data, width, height, Window::whole(Dimensions::new(width, height)));
            let cut = random.below(width - 1) + 1;
            let left = Window {
                x: 0,
                y: 0,
                width: cut,
                height,
            };
            let mut merged = Moments::of(&data, width, height, left);
            merged.merge(&Moments::of(
                &data,
                width,
                height,
                Window {
                    x: cut,
                    width: width - cut,
                    ..left
                },
            ));
            for (a, b) in merged.channels.iter().zip(&whole.channels) {
                assert!((a.mean - b.mean).abs() < 1e-9, "{a:?} {b:?}");
                assert!((a.squares - b.squares).abs() < 1e-8, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn a_code_holds_means_and_then_deviations_of_the_biased_variance() {
        let mut code = Vec::new();
        Moments::of(
            &[1.0, 3.0, 5.0, 5.0],
            2,
            1,
            Window {
                x: 0,
                y: 0,
                width: 2,
                height: 1,
            },
        )
        .write_code(&mut code);
        assert_eq!(code, [2.0, 5.0, (1.0f64 + 1e-5).sqrt() as f32, 1e-5f64.sqrt() as f32]);
    }

    #[test]
    fn a_code_comes_back_from_its_moments() {
        let code = [0.5, -2.0, 1.5, 0.25];
        let mut back = Vec::new();
        Moments::from_code(&code[..2], &code[2..], 100.0).write_code(&mut back);
        assert!(code.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-6), "{back:?}");
    }
}
