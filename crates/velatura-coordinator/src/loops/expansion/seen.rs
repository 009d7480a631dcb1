use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use velatura_ledger::{Job, LedgerError, NewTask};
use velatura_objects::Location;

use crate::context::Context;
use crate::submission::{Clash, Outputs, Submission};

/// Tasks read from the ledger at a time.
const PAGE: usize = 1000;

/// The outputs of a job so far, for templates under which any two photos may be alike: hashes only, each with the
/// number of its task, which the ledger is asked about when a hash comes again.
pub(super) struct Seen {
    hasher: RandomState,
    tasks: HashMap<u64, u64>,
    photos: u64,
}

impl Seen {
    /// What the ledger has recorded of a job.
    pub(super) async fn read(context: &Context, job: &Job, submission: &Submission) -> Result<Self, LedgerError> {
        let mut seen = Self {
            hasher: RandomState::new(),
            tasks: HashMap::new(),
            photos: 0,
        };
        loop {
            let tasks = context.ledger.tasks(job.id, None, seen.photos, PAGE).await?;
            for task in &tasks {
                for output in submission.outputs.of(&task.key) {
                    seen.tasks.insert(seen.hasher.hash_one(&output), task.seq);
                }
                seen.photos = task.seq + 1;
            }
            if tasks.len() < PAGE {
                return Ok(seen);
            }
        }
    }

    /// Takes a page's photos, which the ledger will number from where it stands; the inner error says why they can't
    /// belong to one job.
    pub(super) async fn take(
        &mut self,
        context: &Context,
        job: &Job,
        submission: &Submission,
        page: &[NewTask],
    ) -> Result<Result<(), String>, LedgerError> {
        let most = context.config.collision_memory_photos;
        // A page that could not be recorded is taken again, under the same numbers.
        let first = job.counters.total();
        for (i, photo) in page.iter().enumerate() {
            let seq = first + i as u64;
            self.photos = seq + 1;
            if self.photos > most {
                return Ok(Err(format!(
                    "it has more than {most} photos, too many to find output names that are alike: put {{path}} into the \
                     template, or raise collision_memory_photos"
                )));
            }
            for output in submission.outputs.of(&photo.key) {
                let earlier = self
                    .tasks
                    .insert(self.hasher.hash_one(&output), seq)
                    .filter(|earlier| *earlier != seq);
                let other = match earlier {
                    Some(earlier) if earlier >= first => {
                        page.get((earlier - first) as usize).map(|task| task.key.clone())
                    }
                    Some(earlier) => context
                        .ledger
                        .tasks(job.id, None, earlier, 1)
                        .await?
                        .pop()
                        .map(|task| task.key),
                    None => None,
                };
                // Two outputs may share a hash; only the same output is a collision.
                if let Some(other) = other.filter(|other| is_output(&submission.outputs, other, &output)) {
                    let clash = Clash::Collision {
                        first: other,
                        second: photo.key.clone(),
                        output: output.to_string(),
                    };
                    return Ok(Err(clash.to_string()));
                }
            }
        }
        Ok(Ok(()))
    }
}

fn is_output(outputs: &Outputs, key: &str, output: &Location) -> bool {
    outputs.of(key).any(|candidate| candidate == *output)
}
