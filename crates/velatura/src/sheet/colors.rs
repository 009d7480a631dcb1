use anyhow::Result;
use velatura_image::{GrayF32, Rgb8};

/// From near to far: warm light to deep blue, falling in lightness all the way so that it reads in grey, too.
const STOPS: [[f32; 3]; 5] = [
    [255.0, 244.0, 208.0],
    [249.0, 178.0, 98.0],
    [203.0, 83.0, 92.0],
    [98.0, 45.0, 110.0],
    [22.0, 22.0, 58.0],
];

/// A depth map (0 near, 1 far) for the eye.
pub(super) fn of_depth(depth: &GrayF32) -> Result<Rgb8> {
    let data = depth.data().iter().flat_map(|&d| color(d)).collect();
    Ok(Rgb8::new(depth.width(), depth.height(), data)?)
}

fn color(depth: f32) -> [u8; 3] {
    let place = depth.clamp(0.0, 1.0) * (STOPS.len() - 1) as f32;
    let below = (place as usize).min(STOPS.len() - 2);
    let part = place - below as f32;
    std::array::from_fn(|c| (STOPS[below][c] + (STOPS[below + 1][c] - STOPS[below][c]) * part).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearer_is_always_lighter() {
        let lightness = |d: f32| color(d).map(u32::from).iter().sum::<u32>();
        assert!((0..100).all(|i| lightness(i as f32 / 100.0) >= lightness((i + 1) as f32 / 100.0)));
        assert_eq!(color(0.0), [255, 244, 208]);
    }
}
