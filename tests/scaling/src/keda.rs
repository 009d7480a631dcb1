/// KEDA's own part: between 0 and 1. From 1 on it leaves the replicas to the autoscaler that it makes.
///
/// From "Scaling Deployments, StatefulSets & Custom Resources" of KEDA's documentation (keda.sh/docs/2.21/concepts/
/// scaling-deployments and /reference/scaledobject-spec): `pollingInterval` is how often a scaler at 0 is looked at,
/// activation is strictly above its value, and `cooldownPeriod` counts from the last time that the trigger was active.
#[derive(Debug)]
pub struct Keda {
    polling_seconds: u64,
    cooldown_seconds: u64,
    activation: f64,
    active_last: Option<u64>,
}

impl Keda {
    /// With the defaults of a ScaledObject: polls every 30 seconds, cools down for 300, is active above 0.
    pub fn new() -> Self {
        Self {
            polling_seconds: 30,
            cooldown_seconds: 300,
            activation: 0.0,
            active_last: None,
        }
    }

    /// Whether it looks in this second.
    pub fn polls_at(&self, second: u64) -> bool {
        second.is_multiple_of(self.polling_seconds)
    }

    /// One look at the metric: the replicas to have.
    pub fn poll(&mut self, second: u64, replicas: u32, metric: f64) -> u32 {
        if metric > self.activation {
            self.active_last = Some(second);
            return replicas.max(1);
        }
        let cooled = self
            .active_last
            .is_none_or(|last| second - last > self.cooldown_seconds);
        if cooled { 0 } else { replicas }
    }
}

impl Default for Keda {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_wakes_above_its_activation_and_sleeps_after_its_cooldown() {
        let mut keda = Keda::new();
        assert_eq!(keda.poll(0, 0, 0.0), 0);
        assert_eq!(keda.poll(30, 0, 1.0), 1);
        assert_eq!(keda.poll(60, 7, 5.0), 7, "more than one is not its affair");
        assert_eq!(keda.poll(360, 7, 0.0), 7);
        assert_eq!(keda.poll(390, 7, 0.0), 0);
    }
}
