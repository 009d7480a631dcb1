use velatura_image::GrayF32;

use crate::Dimensions;

/// The paper's figure 5: a ramp over the picture that grows in one direction.
///
/// 0 degrees is to the right, 90 upwards. The cell farthest against the direction is exactly 0, the one farthest along
/// it exactly 1; a grid without extent in that direction counts as far, as a map without depth does.
pub(crate) fn gradient(degrees: f64, grid: Dimensions) -> GrayF32 {
    let (right, up) = direction(degrees);
    let along = |x: u32, y: u32| f64::from(x) * right - f64::from(y) * up;
    let (last_x, last_y) = (grid.width - 1, grid.height - 1);
    let corners = [along(0, 0), along(last_x, 0), along(0, last_y), along(last_x, last_y)];
    let least = corners.iter().copied().fold(f64::INFINITY, f64::min);
    let extent = corners.iter().copied().fold(f64::NEG_INFINITY, f64::max) - least;
    let ramp = |x, y| {
        if extent > 0.0 {
            ((along(x, y) - least) / extent) as f32
        } else {
            1.0
        }
    };
    let data = (0..grid.height)
        .flat_map(|y| (0..grid.width).map(move |x| ramp(x, y)))
        .collect();
    GrayF32::new(grid.width, grid.height, data).expect("one value a cell")
}

/// Cosine and sine, exact at the quarter turns, where the floating-point ones leave 6e-17 that would tilt the ramp.
fn direction(degrees: f64) -> (f64, f64) {
    match degrees.rem_euclid(360.0) {
        0.0 => (1.0, 0.0),
        90.0 => (0.0, 1.0),
        180.0 => (-1.0, 0.0),
        270.0 => (0.0, -1.0),
        angle => (angle.to_radians().cos(), angle.to_radians().sin()),
    }
}
