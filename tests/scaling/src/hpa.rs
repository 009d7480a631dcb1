use std::collections::VecDeque;

/// How often the controller looks: `--horizontal-pod-autoscaler-sync-period`.
pub(crate) const SYNC_SECONDS: u64 = 15;
/// A ratio so near to 1 changes nothing: `--horizontal-pod-autoscaler-tolerance`.
const TOLERANCE: f64 = 0.1;
/// `behavior.scaleDown.stabilizationWindowSeconds`, by default.
const DOWN_STABILIZATION_SECONDS: u64 = 300;
/// `behavior.scaleUp.policies`, by default: in 15 seconds twice as many or four more, whichever is more.
const UP_PERIOD_SECONDS: u64 = 15;
const UP_PODS: u32 = 4;

/// The Horizontal Pod Autoscaler with an external metric and a target of kind `AverageValue`, in its default behaviour.
///
/// From "Horizontal Pod Autoscaling" and "HorizontalPodAutoscaler Walkthrough" of the Kubernetes documentation
/// (kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale): algorithm details, stabilization window,
/// default behavior. That `AverageValue` divides by the target and compares by the replicas that are there is in
/// `GetExternalPerPodMetricReplicas` of `pkg/controller/podautoscaler/replica_calculator.go`.
#[derive(Debug)]
pub struct Hpa {
    /// `minReplicas`, at least 1.
    min: u32,
    /// `maxReplicas`.
    max: u32,
    /// What was recommended, and when: the highest of the stabilization window goes before a lower one.
    recommended: VecDeque<(u64, u32)>,
    /// How many replicas were added, and when.
    added: VecDeque<(u64, u32)>,
}

impl Hpa {
    /// With these bounds.
    pub fn new(min: u32, max: u32) -> Self {
        Self {
            min: min.max(1),
            max,
            recommended: VecDeque::new(),
            added: VecDeque::new(),
        }
    }

    /// One round of the controller: the replicas to have, given those there are, the metric and its target for each
    /// replica. Scaled to 0 it does nothing: "implicit maintenance mode deactivation".
    pub fn sync(&mut self, second: u64, replicas: u32, metric: f64, target: f64) -> u32 {
        if replicas == 0 {
            return 0;
        }
        let ratio = metric / (target * f64::from(replicas));
        let wanted = if (ratio - 1.0).abs() <= TOLERANCE {
            replicas
        } else {
            (metric / target).ceil().min(f64::from(u32::MAX)) as u32
        };
        let bounded = self.stabilized(second, replicas, wanted).clamp(self.min, self.max);
        let next = bounded.min(self.highest(second, replicas).max(replicas));
        if next > replicas {
            self.added.push_back((second, next - replicas));
        }
        next
    }

    /// Down only as far as the highest recommendation of the window; up at once.
    fn stabilized(&mut self, second: u64, replicas: u32, wanted: u32) -> u32 {
        self.recommended
            .retain(|(when, _)| second - when < DOWN_STABILIZATION_SECONDS);
        self.recommended.push_back((second, wanted));
        let highest = self
            .recommended
            .iter()
            .map(|(_, wanted)| *wanted)
            .max()
            .unwrap_or(wanted);
        if wanted >= replicas {
            wanted
        } else {
            highest.min(replicas)
        }
    }

    /// The most replicas that the policies allow now, counted from those that were there when the period began.
    fn highest(&mut self, second: u64, replicas: u32) -> u32 {
        self.added.retain(|(when, _)| second - when < UP_PERIOD_SECONDS);
        let added: u32 = self.added.iter().map(|(_, added)| *added).sum();
        let before = replicas.saturating_sub(added);
        (before + UP_PODS).max(before * 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_by_four_then_doubles_up_to_what_the_metric_asks_for() {
        let mut hpa = Hpa::new(1, 200);
        let mut replicas = 1;
        let grown: Vec<u32> = (0..8)
            .map(|round| {
                replicas = hpa.sync(round * SYNC_SECONDS, replicas, 3000.0, 20.0);
                replicas
            })
            .collect();
        assert_eq!(grown, [5, 10, 20, 40, 80, 150, 150, 150]);
    }

    #[test]
    fn a_tenth_more_or_less_changes_nothing() {
        assert_eq!(Hpa::new(1, 200).sync(0, 100, 2190.0, 20.0), 100);
        assert_eq!(Hpa::new(1, 200).sync(0, 100, 2210.0, 20.0), 111);
    }

    #[test]
    fn it_shrinks_only_after_five_minutes_of_asking_for_less() {
        let mut hpa = Hpa::new(1, 200);
        assert_eq!(hpa.sync(0, 100, 2000.0, 20.0), 100);
        for second in (15..=285).step_by(15) {
            assert_eq!(hpa.sync(second, 100, 0.0, 20.0), 100, "{second}");
        }
        assert_eq!(hpa.sync(315, 100, 0.0, 20.0), 1, "never below its minimum");
    }

    #[test]
    fn at_zero_it_does_nothing() {
        assert_eq!(Hpa::new(1, 200).sync(0, 0, 1e6, 20.0), 0);
    }
}
