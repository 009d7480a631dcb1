//! What must be so when the job has ended, and when the release is gone.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value;
use velatura_e2e::Fleet;

use super::accept;
use super::life::Life;
use super::release::{MOST_WORKERS, Release};
use super::requests::counter;
use crate::cluster::ControlPlane;

impl Life {
    /// Exactly one outcome a task, a picture for each, and the same job for who submits it again.
    pub(super) async fn outcomes(&self, id: &str, body: &Value, fleet: &Fleet) -> Result<()> {
        let job = self.requests.get(&format!("/v1/jobs/{id}")).await?;
        let painted = counter(&job, "done")? + counter(&job, "skipped")?;
        let failed = counter(&job, "failed")? + counter(&job, "cancelled")?;
        ensure!(
            (painted, failed) == (self.total, 0),
            "the job's counters: {}",
            job["counters"]
        );
        let pictures = fleet.download("out/").await?;
        let whole = pictures
            .values()
            .filter(|picture| picture.starts_with(&[0xff, 0xd8]) && picture.ends_with(&[0xff, 0xd9]));
        ensure!(
            whole.count() as u64 == self.total,
            "{} pictures for {} photos",
            pictures.len(),
            self.total
        );
        let again = self.requests.post("/v1/jobs", body).await?;
        ensure!(again["id"] == *id, "the same submission made another job");
        Ok(())
    }

    /// That who scales by the exporter, or looks at a dashboard, saw the backlog come and go.
    pub(super) async fn seen(&self) -> Result<()> {
        self.observer.look().await;
        let (most, _) = self.observer.highest_and_last("asked for by the queue");
        ensure!(
            most == MOST_WORKERS,
            "at most {most} workers were asked for, not {MOST_WORKERS}"
        );
        for name in [
            "in the ledger",
            "in broker and workers",
            "workers wanted",
            "asked for by the queue",
            "asked for by drain time",
        ] {
            let (most, last) = self.observer.highest_and_last(name);
            ensure!(
                most > 0.0 && last == 0.0,
                "{name}: at most {most}, and {last} at the end"
            );
        }
        Ok(())
    }

    /// Uninstalled, without a trace in the cluster or among the processes.
    pub(super) async fn taken_away(&self, plane: &ControlPlane, release: &Release) -> Result<()> {
        tokio::task::block_in_place(|| release.uninstall())?;
        let began = Instant::now();
        loop {
            let left = tokio::task::block_in_place(|| accept::left_behind(plane))?;
            if left.is_empty() && self.agent.pods() == 0 {
                self.observer.mark("helm uninstall has left nothing behind");
                return Ok(());
            }
            ensure!(began.elapsed() < Duration::from_secs(120), "left behind: {left:?}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}
