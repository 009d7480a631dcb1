//! What matters in what the chart renders, beyond being valid.

mod pods;
mod references;
mod rollout;
mod scaling;
mod secrets;

use super::Objects;

/// What is wrong: which object, and how.
pub type Complaint = String;

/// A rule: its name, and what looks for breaches of it.
pub type Rule = (&'static str, fn(&Objects) -> Vec<Complaint>);

/// Every rule. A test breaks each of them on purpose.
pub const RULES: [Rule; 14] = [
    ("pods run under Pod Security restricted", pods::restricted),
    ("no pod has a token of a service account", pods::no_token),
    ("every container says what it needs and may use", pods::resources),
    (
        "every long-running container has three probes that mean it",
        pods::probes,
    ),
    ("grace is above the drain deadline", rollout::grace),
    ("updates never take away all of a role", rollout::rolling),
    ("pods are made anew when their configuration changes", rollout::checksum),
    ("pods of a role are spread", rollout::spread),
    (
        "every trigger asks one queue, with what workers hold",
        scaling::triggers,
    ),
    ("who can't be asked takes no workers away", scaling::no_fallback),
    (
        "autoscaled workloads leave their number to the autoscaler",
        scaling::one_master,
    ),
    (
        "the window shows autoscalers the whole backlog they react to",
        scaling::window,
    ),
    ("what is referred to is there", references::resolved),
    ("secrets come by reference", secrets::by_reference),
];

/// All that is wrong, each with its rule.
pub fn complaints(objects: &Objects) -> Vec<Complaint> {
    RULES
        .iter()
        .flat_map(|(name, breaches)| {
            breaches(objects)
                .into_iter()
                .map(move |breach| format!("{name}: {breach}"))
        })
        .collect()
}
