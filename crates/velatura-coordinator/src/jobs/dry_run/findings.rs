//! What was found, and what is to be expected of it.

use std::collections::HashMap;

use velatura_ledger::{Claim, NewTask};
use velatura_proto::v1;

use super::look::Outputs;
use crate::sources::Found;
use crate::submission::Submission;

/// Photos whose outputs are looked at.
const SAMPLE: usize = 200;
/// Problems and outputs that are told.
const TOLD: usize = 10;
/// Output names that are kept to find two alike.
const MOST_CLAIMS: usize = 100_000;

#[derive(Default)]
pub(super) struct Findings {
    pub(super) photos: u64,
    /// Photos whose size is known, and what they have together.
    sized: u64,
    bytes: u64,
    /// Whether that is all.
    pub(super) complete: bool,
    /// Each photo with the same chance.
    pub(super) sample: Vec<NewTask>,
    examples: Vec<String>,
    claims: HashMap<Claim, String>,
    problems: Vec<v1::Problem>,
    problem_count: u64,
}

impl Findings {
    pub(super) fn take(&mut self, submission: &Submission, found: Found) {
        let task = found.task;
        if let Some(refusal) = task.refusal {
            self.problem(refusal.code, refusal.message);
            return;
        }
        for &claim in &task.claims {
            if let Some(first) = self.claims.get(&claim) {
                let clash = submission.outputs.collision(first, &task.source, &task.key);
                self.problem(clash.code().to_owned(), clash.to_string());
                return;
            }
            if self.claims.len() < MOST_CLAIMS {
                self.claims.insert(claim, task.source.clone());
            }
        }
        self.photos += 1;
        if let Some(bytes) = found.bytes {
            self.sized += 1;
            self.bytes += bytes;
        }
        if self.examples.len() < TOLD {
            self.examples
                .extend(submission.outputs.of(&task.key).map(|output| output.to_string()));
        }
        // Vitter's algorithm R.
        match self.sample.len() < SAMPLE {
            true => self.sample.push(task),
            false => {
                let place = rand::random_range(0..self.photos);
                if let Some(drawn) = usize::try_from(place).ok().and_then(|place| self.sample.get_mut(place)) {
                    *drawn = task;
                }
            }
        }
    }

    fn problem(&mut self, code: String, message: String) {
        self.problem_count += 1;
        if self.problems.len() < TOLD {
            self.problems.push(v1::Problem { code, message });
        }
    }

    pub(super) fn report(
        mut self,
        submission: &Submission,
        outputs: &Outputs,
        rate: Option<(f64, String)>,
        seconds: f64,
    ) -> v1::DryRunReport {
        let mut basis = Vec::new();
        if !self.complete {
            basis.push(format!(
                "the source was read for {seconds} seconds and has more than the {} photos found: figures are about those",
                self.photos
            ));
        }
        if self.claims.len() >= MOST_CLAIMS {
            basis.push(format!(
                "only the first {MOST_CLAIMS} output names were compared with each other"
            ));
        }
        let share = outputs.skipped as f64 / outputs.looked_at.max(1) as f64;
        let skipped = (share * self.photos as f64).round() as u64;
        basis.push(format!(
            "of {} photos drawn evenly {} have all their pictures already, made from the same photo by the same recipe; \
             whether style pictures, masks, maps and pack are the same is found out by the worker",
            outputs.looked_at, outputs.skipped
        ));
        let left = self.photos - skipped.min(self.photos);
        let hours = rate.as_ref().map(|(rate, _)| left as f64 / rate / 3600.0);
        let rate = rate.map(|(rate, how)| {
            basis.push(how);
            rate
        });
        if rate.is_none() {
            basis.push("nothing was painted yet, so that no rate is known: paint a few photos first".to_owned());
        }
        let pictures = left * submission.outputs.recipes.len() as u64;
        let output_bytes = if outputs.pictures > 0 {
            let each = outputs.bytes as f64 / outputs.pictures as f64;
            basis.push(format!(
                "{} pictures that are there have {each:.0} bytes on average",
                outputs.pictures
            ));
            Some((each * pictures as f64) as u64)
        } else if self.sized > 0 {
            let each = self.bytes as f64 / self.sized as f64;
            basis.push(format!(
                "pictures are taken to be as large as the photos, {each:.0} bytes on average"
            ));
            Some((each * pictures as f64) as u64)
        } else {
            None
        };
        self.examples.truncate(TOLD);
        v1::DryRunReport {
            photos: self.photos,
            bytes: (self.sized > 0 && self.sized == self.photos).then_some(self.bytes),
            complete: self.complete,
            skipped,
            sampled: outputs.looked_at as u32,
            sampled_skipped: outputs.skipped as u32,
            rate,
            hours,
            output_bytes,
            basis,
            problems: self.problems,
            problem_count: self.problem_count,
            example_outputs: self.examples,
        }
    }
}
