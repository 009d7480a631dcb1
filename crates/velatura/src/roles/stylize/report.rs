//! What the user is told: a line an output for programs, a bar and a summary for people.

use indicatif::ProgressBar;
use serde::Serialize;
use velatura_worker::{Finished, Outcome};

use super::plan::{Plan, Planned};
use crate::exit::Ended;
use crate::progress::{self, duration};

/// Tells and counts.
pub(super) struct Reporter {
    json: bool,
    dry_run: bool,
    out: String,
    bar: ProgressBar,
    counts: Counts,
}

#[derive(Debug, Default, Clone, Serialize)]
struct Counts {
    photos: usize,
    painted: usize,
    skipped: usize,
    failed: usize,
    not_tried: usize,
}

/// A line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    input: &'a str,
    style: &'a str,
    output: &'a str,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    seconds: f64,
}

/// The last line of `--json`.
#[derive(Serialize)]
struct Summary<'a> {
    summary: &'a Counts,
    seconds: f64,
}

impl Reporter {
    pub(super) fn new(json: bool, dry_run: bool, plan: &Plan) -> Self {
        let bar = progress::bar(plan.photos.len() as u64, "photos");
        let outputs = plan.photos.iter().map(|photo| photo.outputs.len()).sum();
        let counts = Counts {
            photos: plan.photos.len(),
            not_tried: outputs,
            ..Counts::default()
        };
        Self {
            json,
            dry_run,
            out: plan.out.display().to_string(),
            bar,
            counts,
        }
    }

    pub(super) fn photo(&mut self, photo: &Planned, finished: &Finished) {
        let input = photo.input.path().display().to_string();
        for (index, (style, output)) in photo.outputs.iter().enumerate() {
            let output = output.display().to_string();
            let stored = finished
                .pictures
                .iter()
                .find(|p| p.output.to_string().ends_with(&output));
            let (outcome, fault) = match stored {
                Some(picture) if picture.skipped => ("skipped", None),
                Some(_) if self.dry_run => ("to-paint", None),
                Some(_) => ("done", None),
                None => ("failed", finished.outcome.fault()),
            };
            match outcome {
                "skipped" => self.counts.skipped += 1,
                "failed" => self.counts.failed += 1,
                _ => self.counts.painted += 1,
            }
            self.counts.not_tried -= 1;
            let (code, message) = (fault.map(|f| f.code.as_str()), fault.map(|f| f.message.as_str()));
            if let (0, Some(fault)) = (index, fault) {
                progress::say(&self.bar, &format!("✗ {input}: {fault}"));
            }
            if self.json {
                let seconds = (finished.seconds * 1e3).round() / 1e3;
                print_json(&Line {
                    input: &input,
                    style,
                    output: &output,
                    outcome,
                    code,
                    message,
                    seconds,
                });
            } else if self.dry_run && outcome == "to-paint" {
                self.bar.suspend(|| println!("{input} → {output}"));
            }
        }
        debug_assert!(
            !matches!(finished.outcome, Outcome::NotTried(_)),
            "the caller keeps these back"
        );
        self.bar.inc(1);
    }

    pub(super) fn summary(self, seconds: f64, interrupted: bool) -> Ended {
        self.bar.finish_and_clear();
        let Counts {
            photos,
            painted,
            skipped,
            failed,
            not_tried,
        } = self.counts;
        if self.json {
            print_json(&Summary {
                summary: &self.counts,
                seconds: (seconds * 1e3).round() / 1e3,
            });
        }
        let (out, time) = (&self.out, duration(seconds));
        let rate = if seconds > 0.0 { painted as f64 / seconds } else { 0.0 };
        let text = match (painted, skipped, failed) {
            _ if self.dry_run => format!("{photos} photos: {painted} pictures to paint, {skipped} up to date in {out}"),
            (0, _, 0) if !interrupted => format!("Nothing to do: {skipped} pictures are up to date in {out} ({time})"),
            _ => format!(
                "{painted} pictures painted, {skipped} up to date, {failed} failed, in {time} ({rate:.2} a second) → {out}"
            ),
        };
        eprintln!("{text}");
        if interrupted {
            eprintln!("Interrupted with {not_tried} pictures to go: run the same command again to go on.");
        }
        if failed == 0 && !interrupted {
            Ended::AllDone
        } else {
            Ended::SomeFailed
        }
    }
}

fn print_json(line: &impl Serialize) {
    match serde_json::to_string(line) {
        Ok(text) => println!("{text}"),
        Err(error) => eprintln!("velatura: a line can't be written as JSON: {error}"),
    }
}
