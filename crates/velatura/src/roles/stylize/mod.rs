//! `velatura stylize`: photos of a folder, painted by the worker's own pipeline, without any service.

mod inputs;
mod plan;
mod report;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Args;
use futures_util::StreamExt as _;
use futures_util::stream;
use velatura_objects::{ObjectsConfig, Stores};
use velatura_telemetry::Registry;
use velatura_worker::{Outcome, Pipeline, WorkerMetrics};

use crate::config::Config;
use crate::engine::EngineFlags;
use crate::exit::Ended;
use crate::recipe_flags::RecipeFlags;
use crate::{sheet, stop};
use plan::Plan;
use report::Reporter;

/// Paint photos of a folder, without any service.
///
/// Examples:
///   velatura stylize photos/ --style nocturne --out painted/
///   velatura stylize photos/ --style nocturne --style painting.jpg --out painted/ --sheet sheet.png
///   velatura stylize 'photos/**/*.jpg' --style sumi --keep-colors --size 1600 --out painted/
///   velatura stylize photos/ --recipe evening.toml --out painted/ --json > report.jsonl
///
/// Run it again to go on where it stopped: what is there and was made the same way is not made again.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Photos, folders, or quoted globs such as 'photos/**/*.jpg'
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<String>,
    /// Where the results go; sub-folders are kept
    #[arg(short, long, value_name = "FOLDER")]
    out: PathBuf,
    /// Names of the results below --out
    #[arg(long, value_name = "TEMPLATE", default_value = velatura_recipe::Template::DEFAULT)]
    template: String,
    /// Also write a contact sheet, PNG or JPEG: photo, depth, results
    #[arg(long, value_name = "PICTURE")]
    sheet: Option<PathBuf>,
    /// Say what would be painted, and paint nothing
    #[arg(long)]
    dry_run: bool,
    /// A JSON line an output on stdout, and a last line that sums up
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    recipe: RecipeFlags,
    #[command(flatten)]
    engine: EngineFlags,
}

pub(crate) fn main(config: Option<&Path>, options: &Options) -> Result<Ended> {
    let config = Config::load(config)?;
    config.logs.init("warn")?;
    let runtime = tokio::runtime::Runtime::new().context("the asynchronous runtime does not start")?;
    runtime.block_on(stylize(config, options))
}

async fn stylize(config: Config, options: &Options) -> Result<Ended> {
    let began = Instant::now();
    let settings = options.engine.over(config.engine);
    let pack = settings.find_pack()?;
    let own_style = (pack.paint().code_length() == 0).then(|| pack.name().to_owned());
    let plan = Plan::make(options, own_style.as_deref())?;
    let library = settings.library()?;
    if own_style.is_none() {
        plan.check_styles(&library)?;
    }
    let engine = tokio::task::spawn_blocking(move || settings.start_with(pack)).await??;

    std::fs::create_dir_all(&plan.out).with_context(|| format!("can't make the folder {}", plan.out.display()))?;
    let stores = Arc::new(Stores::new(ObjectsConfig {
        local_roots: plan.roots.clone(),
        ..config.objects
    }));
    let metrics = WorkerMetrics::register(&Registry::new());
    let pipeline = Pipeline::new(&config.worker.pipeline, engine, stores, library, metrics);

    let mut reporter = Reporter::new(options.json, options.dry_run, &plan);
    let stop = stop::on_signal()?;
    let (stop, pipeline) = (&stop, &pipeline);
    let attempts = stream::iter(plan.photos.iter())
        .take_until(stop.cancelled())
        .map(|photo| async move {
            match photo.assignment() {
                Ok(assignment) if options.dry_run => (photo, pipeline.check(assignment).await),
                Ok(assignment) => (photo, pipeline.run(assignment, stop).await),
                Err(finished) => (photo, finished),
            }
        })
        .buffer_unordered(usize::from(config.worker.in_flight.max(1)));
    let mut attempts = std::pin::pin!(attempts);
    while let Some((photo, finished)) = attempts.next().await {
        if !matches!(finished.outcome, Outcome::NotTried(_)) {
            reporter.photo(photo, &finished);
        }
    }

    let ended = reporter.summary(began.elapsed().as_secs_f64(), stop.is_cancelled());
    if let Some(path) = &options.sheet
        && !options.dry_run
    {
        let rows = sheet::write(path, &plan.sheet_rows(), pipeline.engine().clone()).await?;
        eprintln!("Contact sheet of {rows} photos: {}", path.display());
    }
    Ok(ended)
}
