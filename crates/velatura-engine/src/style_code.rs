/// What a pack's `style` graph says about a picture: for AdaIN the mean and deviation of each feature channel.
///
/// Codes of one pack can be mixed, stored and shared; they mean nothing to another pack.
#[derive(Debug, Clone, PartialEq)]
pub struct StyleCode {
    values: Vec<f32>,
}

impl StyleCode {
    /// A code from its numbers, as [`values`](Self::values) gave them.
    pub fn new(values: Vec<f32>) -> Self {
        Self { values }
    }

    /// The numbers: for each feature level its means, then its deviations.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The mean of several codes by weight: AdaIN is affine in the code, so this is the mixture of the styles, and one
    /// pass paints it whatever their number.
    ///
    /// `None` if there is none, if the weights add up to nothing, or if the codes are of different packs.
    pub fn mixed(parts: &[(&StyleCode, f64)]) -> Option<Self> {
        let length = parts.first()?.0.values.len();
        let total: f64 = parts.iter().map(|(_, weight)| weight).sum();
        if !(total.is_finite() && total > 0.0) || parts.iter().any(|(code, _)| code.values.len() != length) {
            return None;
        }
        let mut sums = vec![0.0f64; length];
        for (code, weight) in parts {
            for (sum, &value) in sums.iter_mut().zip(&code.values) {
                *sum += f64::from(value) * (weight / total);
            }
        }
        Some(Self::new(sums.into_iter().map(|sum| sum as f32).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_divided_by_their_sum() {
        let (a, b) = (StyleCode::new(vec![1.0, 4.0]), StyleCode::new(vec![3.0, 0.0]));
        assert_eq!(
            StyleCode::mixed(&[(&a, 3.0), (&b, 1.0)]),
            Some(StyleCode::new(vec![1.5, 3.0]))
        );
    }

    #[test]
    fn one_code_alone_stays_itself() {
        let code = StyleCode::new(vec![0.1, 0.7, -3.3]);
        assert_eq!(StyleCode::mixed(&[(&code, 0.3)]), Some(code));
    }

    #[test]
    fn no_code_no_weight_and_codes_of_two_packs_make_no_mixture() {
        let (a, b) = (StyleCode::new(vec![1.0]), StyleCode::new(vec![1.0, 2.0]));
        assert_eq!(StyleCode::mixed(&[]), None);
        assert_eq!(StyleCode::mixed(&[(&a, 0.0)]), None);
        assert_eq!(StyleCode::mixed(&[(&a, 1.0), (&b, 1.0)]), None);
    }
}
