use velatura_image::{GrayF32, Rgb8, keep_colors};

use super::member::Member;
use crate::Dimensions;
use crate::alpha::Resampler;

/// What comes after the network, at the result's own size, a few rows at a time: the photo's detail, its colours, the
/// region.
pub(super) struct Composer<'a> {
    strength: Option<Field<'a>>,
    keep_colors: bool,
    region: Option<Field<'a>>,
}

/// A map that is read row by row at the result's size.
struct Field<'a> {
    map: &'a GrayF32,
    resampler: Resampler,
    row: Vec<f32>,
}

impl<'a> Field<'a> {
    fn new(map: &'a GrayF32, output: Dimensions) -> Self {
        let resampler = Resampler::new(Dimensions::of(map), output);
        Self {
            map,
            resampler,
            row: vec![0.0; output.width as usize],
        }
    }

    fn row(&mut self, y: u32) -> &[f32] {
        self.resampler.row(self.map, y, &mut self.row);
        &self.row
    }
}

/// The same rows of three pictures of the result's size.
pub(super) struct Parts<'a> {
    /// The result's row that comes first.
    pub(super) first: u32,
    pub(super) photo: &'a Rgb8,
    pub(super) reconstructed: Option<&'a Rgb8>,
}

impl<'a> Composer<'a> {
    pub(super) fn new(member: &'a Member<'a>) -> Self {
        Self {
            strength: member.residual().then(|| Field::new(&member.strength, member.output)),
            keep_colors: member.painting.recipe.keep_colors,
            region: member
                .painting
                .region
                .as_ref()
                .map(|mask| Field::new(mask, member.output)),
        }
    }

    /// Turns rows as the network painted them into rows of the result.
    pub(super) fn compose(&mut self, painted: &mut Rgb8, parts: &Parts<'_>) {
        if let (Some(strength), Some(reconstructed)) = (&mut self.strength, parts.reconstructed) {
            for y in 0..painted.height() {
                let photo = parts.photo.row(y);
                add_detail(
                    painted.row_mut(y),
                    photo,
                    reconstructed.row(y),
                    strength.row(parts.first + y),
                );
            }
        }
        if self.keep_colors {
            keep_colors(parts.photo, painted).expect("the same rows of pictures of one size");
        }
        if let Some(region) = &mut self.region {
            for y in 0..painted.height() {
                cover(painted.row_mut(y), parts.photo.row(y), region.row(parts.first + y));
            }
        }
    }
}

/// `y + (1 - α)(c - D(E(c)))`: where α is 0 the painting y is D(E(c)), so this is c, exactly.
fn add_detail(painted: &mut [u8], photo: &[u8], reconstructed: &[u8], alpha: &[f32]) {
    let pixels = painted.as_chunks_mut::<3>().0.iter_mut();
    let others = photo.as_chunks::<3>().0.iter().zip(reconstructed.as_chunks::<3>().0);
    for ((pixel, (photo, reconstructed)), &alpha) in pixels.zip(others).zip(alpha) {
        for ((value, &photo), &reconstructed) in pixel.iter_mut().zip(photo).zip(reconstructed) {
            let detail = f32::from(photo) - f32::from(reconstructed);
            *value = to_byte(f32::from(*value) + (1.0 - alpha) * detail);
        }
    }
}

/// `m · painted + (1 - m) · photo`.
fn cover(painted: &mut [u8], photo: &[u8], mask: &[f32]) {
    let pixels = painted.as_chunks_mut::<3>().0.iter_mut();
    for ((pixel, photo), &mask) in pixels.zip(photo.as_chunks::<3>().0).zip(mask) {
        let mask = if mask.is_nan() { 0.0 } else { mask.clamp(0.0, 1.0) };
        for (value, &photo) in pixel.iter_mut().zip(photo) {
            *value = to_byte(mask * f32::from(*value) + (1.0 - mask) * f32::from(photo));
        }
    }
}

fn to_byte(value: f32) -> u8 {
    (value + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detail_comes_back_in_full_at_zero_and_not_at_all_at_one() {
        let mut painted = [90, 10, 250, 200, 200, 200];
        add_detail(
            &mut painted,
            &[100, 0, 255, 0, 0, 0],
            &[90, 10, 250, 7, 7, 7],
            &[0.0, 1.0],
        );
        assert_eq!(painted, [100, 0, 255, 200, 200, 200]);
    }

    #[test]
    fn detail_is_clamped_not_wrapped() {
        let mut painted = [250, 3, 128];
        add_detail(&mut painted, &[200, 0, 128], &[100, 100, 128], &[0.5]);
        assert_eq!(painted, [255, 0, 128]);
    }

    #[test]
    fn a_region_leaves_the_photo_outside_and_a_mask_of_no_number_too() {
        let mut painted = [200; 12];
        cover(&mut painted, &[100; 12], &[0.0, 1.0, 0.5, f32::NAN]);
        assert_eq!(painted, [100, 100, 100, 200, 200, 200, 150, 150, 150, 100, 100, 100]);
    }
}
