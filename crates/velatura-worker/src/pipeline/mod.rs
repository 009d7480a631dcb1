//! fetch → decode → paint → encode → store, for one assignment.

mod companions;
mod fetch;
mod paint;
mod store;
mod survey;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use velatura_engine::Engine;
use velatura_image::Limits;
use velatura_objects::Stores;

use crate::budget::PixelBudget;
use crate::gate::Gate;
use crate::{
    Assignment, Fault, Finished, Outcome, PipelineConfig, StoredPicture, StyleBook, StyleLibrary, WorkerMetrics,
};

/// Paints assignments, many at once, within its bounds.
#[derive(Debug)]
pub struct Pipeline {
    engine: Engine,
    stores: Arc<Stores>,
    styles: StyleBook,
    limits: Limits,
    budget: PixelBudget,
    gates: Gates,
    metrics: WorkerMetrics,
    /// The pack's name and version, for people.
    pack: String,
    /// What the pack is made of, part of every fingerprint.
    pack_hash: blake3::Hash,
}

/// The stages and how many assignments each holds.
#[derive(Debug)]
struct Gates {
    fetch: Gate,
    decode: Gate,
    paint: Gate,
    encode: Gate,
    store: Gate,
}

/// How the steps end early.
enum Early {
    /// Asked to turn back before the device was reached.
    TurnedBack,
    Fault(Fault),
}

impl<F: Into<Fault>> From<F> for Early {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

impl Pipeline {
    /// A pipeline over an engine and the places where photos, styles and results lie.
    pub fn new(
        config: &PipelineConfig,
        engine: Engine,
        stores: Arc<Stores>,
        library: StyleLibrary,
        metrics: WorkerMetrics,
    ) -> Self {
        let trust = Duration::from_secs(config.style_cache_seconds);
        let gates = Gates {
            fetch: Gate::new("fetch", config.fetches.max(1), &metrics),
            decode: Gate::new("decode", config.cpu_width(), &metrics),
            paint: Gate::new("paint", config.cpu_width() + 1, &metrics),
            encode: Gate::new("encode", config.cpu_width(), &metrics),
            store: Gate::new("store", config.stores.max(1), &metrics),
        };
        let pack = pack_id(&engine);
        metrics
            .provider_info
            .with_label_values(&[&engine.device().to_string(), engine.provider().name(), &pack])
            .set(1);
        let pack_hash = engine.pack().hash();
        Self {
            styles: StyleBook::new(library, stores.clone(), config.limits(), trust),
            budget: PixelBudget::new(config.budget_pixels, metrics.decoded_pixels.clone()),
            limits: config.limits(),
            engine,
            stores,
            gates,
            metrics,
            pack,
            pack_hash,
        }
    }

    /// What paints.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Takes an assignment through all steps. When `turn_back` is cancelled before its photo reaches the device, it
    /// ends as [`Outcome::NotTried`]; after that it goes on to its end.
    pub async fn run(&self, assignment: &Assignment, turn_back: &CancellationToken) -> Finished {
        let began = Instant::now();
        let mut pictures = Vec::with_capacity(assignment.paintings.len());
        let outcome = match self.steps(assignment, turn_back, &mut pictures).await {
            Ok(()) if pictures.iter().all(|picture| picture.skipped) => Outcome::Skipped,
            Ok(()) => Outcome::Done,
            Err(Early::TurnedBack) => Outcome::NotTried("the worker is draining".to_owned()),
            Err(Early::Fault(fault)) => fault.into(),
        };
        self.metrics.attempts_total.with_label_values(&[outcome.word()]).inc();
        if let Some(fault) = outcome.fault() {
            self.metrics.faults_total.with_label_values(&[&fault.code]).inc();
        }
        Finished {
            outcome,
            pictures,
            seconds: began.elapsed().as_secs_f64(),
        }
    }

    /// What [`run`](Self::run) would do: [`Outcome::Skipped`] if every picture is there, else [`Outcome::Done`] with those
    /// that would be painted. Nothing is fetched or stored.
    pub async fn check(&self, assignment: &Assignment) -> Finished {
        let began = Instant::now();
        let (outcome, pictures) = match self.gates.fetch.pass(self.foresee(assignment)).await {
            Ok(pictures) if pictures.iter().all(|picture| picture.skipped) => (Outcome::Skipped, pictures),
            Ok(pictures) => (Outcome::Done, pictures),
            Err(fault) => (fault.into(), Vec::new()),
        };
        Finished {
            outcome,
            pictures,
            seconds: began.elapsed().as_secs_f64(),
        }
    }

    async fn steps(
        &self,
        assignment: &Assignment,
        turn_back: &CancellationToken,
        pictures: &mut Vec<StoredPicture>,
    ) -> Result<(), Early> {
        let ready = async {
            let Some(fetched) = self.gates.fetch.pass(self.fetch(assignment, pictures)).await? else {
                return Ok(None);
            };
            self.decode(fetched).await.map(Some)
        };
        let decoded: Result<_, Fault> = turn_back.run_until_cancelled(ready).await.ok_or(Early::TurnedBack)?;
        let Some(mut decoded) = decoded? else { return Ok(()) };
        // Most photos in one go; a huge one in several, so that its pictures are never all in memory.
        while !decoded.wanted.is_empty() {
            let painted = self.gates.paint.pass(self.paint(&mut decoded)).await?;
            for picture in painted {
                pictures.push(self.finish(picture?).await?);
            }
        }
        Ok(())
    }
}

/// A pack's name and version, and those of another one's depth network.
pub(crate) fn pack_id(engine: &Engine) -> String {
    let pack = engine.pack();
    let depth = pack.depth_folder();
    let depth = depth.map(|depth| format!(" with the depth of {} {}", depth.name(), depth.version()));
    format!("{} {}{}", pack.name(), pack.version(), depth.unwrap_or_default())
}

/// A panic of a blocking task, contained: it fails one assignment.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
pub(crate) fn panicked(error: tokio::task::JoinError) -> Fault {
    Fault::permanent(
        "panicked",
        format!("this photo made a step panic; please report it: {error}"),
    )
}
