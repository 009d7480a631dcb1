//! The distributed system on real RabbitMQ, PostgreSQL and S3: coordinator and workers as processes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use velatura_e2e::{BAD, Fleet, GOOD, mixed_folder, velatura};
use velatura_proto::v1::{self, job, task_status::State};
use velatura_recipe::{Recipe, Size};

fn recipes(styles: &[&str]) -> Vec<v1::Recipe> {
    let recipe = |style: &&str| {
        v1::Recipe::from(&Recipe {
            size: Size::LongSide(320),
            ..Recipe::with_style(*style)
        })
    };
    styles.iter().map(recipe).collect()
}

/// What `velatura stylize` makes of the same folder with the same recipes.
fn painted_here(photos: &Path, styles: &[&str]) -> Result<BTreeMap<String, Vec<u8>>> {
    let out = TempDir::new()?;
    let (photos, folder) = (photos.to_string_lossy(), out.path().to_string_lossy());
    let mut arguments = vec!["stylize", &photos, "--out", &folder, "--size", "320"];
    arguments.extend(styles.iter().flat_map(|style| ["--style", style]));
    let ran = velatura(&arguments);
    anyhow::ensure!(ran.code == 1, "the bad photos are there: {}", ran.stderr);
    let mut pictures = BTreeMap::new();
    for photo in GOOD {
        for style in styles {
            let (stem, _) = photo.key.rsplit_once('.').context("a photo has an extension")?;
            let name = format!("{stem}.{style}.jpg");
            pictures.insert(name.clone(), fs::read(out.path().join(&name))?);
        }
    }
    Ok(pictures)
}

/// One outcome a task: the good ones one of `good`, the bad ones failed with their codes.
async fn check_tasks(fleet: &Fleet, id: &str, good: &[State]) -> Result<()> {
    let tasks = fleet.tasks(id).await?;
    assert_eq!(tasks.len(), GOOD.len() + BAD.len());
    for task in tasks {
        match BAD.iter().find(|(name, _)| *name == task.key) {
            Some((name, code)) => {
                assert_eq!(
                    (task.state(), task.code.as_str()),
                    (State::Failed, *code),
                    "{name}: {}",
                    task.message
                );
            }
            None => assert!(
                good.contains(&task.state()),
                "{}: {:?} {} {}",
                task.key,
                task.state(),
                task.code,
                task.message
            ),
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fleet_paints_the_same_pixels_once_and_then_skips() -> Result<()> {
    let photos = TempDir::new()?;
    mixed_folder(photos.path())?;
    let styles = ["nocturne", "woodblock"];
    let fleet = Fleet::start("")?;
    fleet.upload(photos.path(), "photos/").await?;
    let coordinator = fleet.coordinator()?;
    let workers = [fleet.worker()?, fleet.worker()?];

    let job = fleet.submit("photos/", "painted", recipes(&styles)).await?;
    let job = fleet.until_over(&job.id).await?;
    assert_eq!(job.state(), job::State::Done, "{}", job.reason);
    check_tasks(&fleet, &job.id, &[State::Done]).await?;

    let (here, there) = (painted_here(photos.path(), &styles)?, fleet.download("painted/").await?);
    assert_eq!(here.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>());
    for (name, bytes) in &here {
        assert!(there[name] == bytes[..], "{name} differs");
    }

    let again = fleet.submit("photos/", "painted", recipes(&styles)).await?;
    let again = fleet.until_over(&again.id).await?;
    check_tasks(&fleet, &again.id, &[State::Skipped]).await?;

    for worker in workers {
        let (code, log) = worker.terminate()?;
        assert_eq!(code, 0, "{log}");
        assert!(log.contains("drained"), "{log}");
    }
    let (code, log) = coordinator.terminate()?;
    assert_eq!(code, 0, "{log}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_a_worker_is_killed_and_the_broker_restarts() -> Result<()> {
    let photos = TempDir::new()?;
    mixed_folder(photos.path())?;
    let mut fleet = Fleet::start("[worker]\nin_flight = 3")?;
    fleet.upload(photos.path(), "photos/").await?;
    let mut coordinator = fleet.coordinator()?;
    let (mut doomed, mut survivor) = (fleet.worker()?, fleet.worker()?);

    let job = fleet.submit("photos/", "painted", recipes(&["nocturne"])).await?;
    fleet.until_ended(&job.id, 3).await?;
    doomed.child.kill();
    fleet.until_ended(&job.id, 7).await?;
    fleet.broker.stop()?;
    // What is not ready says why, and is ready again without a restart.
    let said = survivor.until_readiness(503)?;
    assert!(said.contains("queue"), "{said}");
    coordinator.until_readiness(503)?;
    fleet.broker.start_again()?;
    survivor.until_readiness(200)?;
    coordinator.until_readiness(200)?;

    let job = fleet.until_over(&job.id).await?;
    assert_eq!(job.state(), job::State::Done, "{}", job.reason);
    // Skipped is a task whose picture was stored when its worker or the broker ended, before the report was safe.
    check_tasks(&fleet, &job.id, &[State::Done, State::Skipped]).await?;
    assert_eq!(fleet.download("painted/").await?.len(), GOOD.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draining_worker_gives_back_what_it_has_not_begun() -> Result<()> {
    let photos = TempDir::new()?;
    mixed_folder(photos.path())?;
    let fleet = Fleet::start("")?;
    fleet.upload(photos.path(), "photos/").await?;
    let _coordinator = fleet.coordinator()?;
    let worker = fleet.worker()?;
    let job = fleet.submit("photos/", "painted", recipes(&["nocturne"])).await?;
    fleet.until_ended(&job.id, 2).await?;
    let (code, log) = worker.terminate()?;
    assert_eq!(code, 0, "{log}");
    assert!(log.contains("drained"), "{log}");

    let _successor = fleet.worker()?;
    let job = fleet.until_over(&job.id).await?;
    check_tasks(&fleet, &job.id, &[State::Done]).await?;
    // A photo that was given back was nobody's attempt.
    for task in fleet.tasks(&job.id).await? {
        assert_eq!(task.attempts, 1, "{}", task.key);
    }
    Ok(())
}
