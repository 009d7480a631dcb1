use velatura_recipe::Depth;

/// From distance (0 nearest, 1 farthest) to strength; monotone, and exact at both ends.
pub(crate) struct Curve {
    contrast: f64,
    invert: bool,
    near: f64,
    far: f64,
    strength: f64,
}

impl Curve {
    pub(crate) fn new(depth: &Depth, strength: f64) -> Self {
        Self {
            contrast: depth.contrast,
            invert: depth.invert,
            near: depth.near,
            far: depth.far,
            strength,
        }
    }

    /// d^p / (d^p + (1 - d)^p), turned round if asked, laid between near and far, times the strength.
    ///
    /// What is no number counts as far, as a map without depth does.
    pub(crate) fn at(&self, distance: f32) -> f32 {
        let d = if distance.is_nan() {
            1.0
        } else {
            f64::from(distance).clamp(0.0, 1.0)
        };
        let d = if self.contrast == 1.0 {
            d
        } else {
            let (toward, away) = (d.powf(self.contrast), (1.0 - d).powf(self.contrast));
            toward / (toward + away)
        };
        let d = if self.invert { 1.0 - d } else { d };
        // near + (far - near) d, written so that d = 1 gives exactly `far`
        ((self.near * (1.0 - d) + self.far * d) * self.strength) as f32
    }
}
