use crate::{PlaneError, Rgb8};

/// Weights of R, G and B in luma after BT.601, in 1/65536; they sum to 65536.
const LUMA: [i32; 3] = [19595, 38470, 7471];

/// Gives `painted` the photo's colours: its own luma, the photo's chroma (full-range BT.601 YCbCr), clamped to 0..=255.
///
/// YCbCr is linear in RGB, so to swap the luma is to add the difference of the lumas to R, G and B of the photo; no
/// pixel is converted there and back. Works in place.
///
/// # Errors
/// [`PlaneError::SizeMismatch`] when the two pictures differ in size.
pub fn keep_colors(photo: &Rgb8, painted: &mut Rgb8) -> Result<(), PlaneError> {
    if photo.size() != painted.size() {
        return Err(PlaneError::SizeMismatch {
            left: photo.size(),
            right: painted.size(),
        });
    }
    for (painted, photo) in painted.pixels_mut().iter_mut().zip(photo.pixels()) {
        let difference: i32 = (0..3)
            .map(|channel| LUMA[channel] * (i32::from(painted[channel]) - i32::from(photo[channel])))
            .sum();
        let shift = (difference + (1 << 15)) >> 16;
        *painted = photo.map(|value| (i32::from(value) + shift).clamp(0, 255) as u8);
    }
    Ok(())
}
