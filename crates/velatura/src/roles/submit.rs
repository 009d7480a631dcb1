//! `velatura submit`: hands a job to a coordinator.

mod dry_run;
mod source;

use anyhow::{Context as _, Result};
use clap::Args;
use velatura_proto::v1;
use velatura_proto::v1::manifests_client::ManifestsClient;

use self::source::SourceFlags;
use crate::exit::Ended;
use crate::recipe_flags::RecipeFlags;
use crate::roles::jobs::{self, Target};

/// Hand a job to a coordinator: one photo, several, everything below a prefix, or what a list names.
///
/// Before a large job, look what it would do (--dry-run), and let it paint a few photos first and wait for your word
/// (--samples 5 --ask, then: velatura jobs approve ID).
///
/// Examples:
///   velatura submit photos/ --style nocturne --to painted/ --watch
///   velatura submit s3://library/2024/ --style sumi --style harvest --to s3://results/2024/
///   velatura submit s3://library/a.jpg s3://library/b.jpg --recipe evening.toml --to s3://results/
///   velatura submit s3://library/ --suffix .jpg --modified-after 2026-01-01T00:00:00Z --style sumi --to s3://results/
///   velatura submit --manifest selection.csv --style sumi --to s3://results/ --dry-run
///   velatura submit s3://library/ --style sumi --to s3://results/ --samples 5 --ask --watch
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    #[command(flatten)]
    source: SourceFlags,
    /// Where the results go: a folder, s3:// or file://
    #[arg(long, value_name = "PREFIX")]
    to: String,
    /// Names of the results below --to
    #[arg(long, value_name = "TEMPLATE", default_value = velatura_recipe::Template::DEFAULT)]
    template: String,
    /// Where two photos would be written to one place, let the second fail alone, and not the job
    #[arg(long)]
    skip_collisions: bool,
    /// Look what the job would do, for some seconds, and hand in nothing
    #[arg(long)]
    dry_run: bool,
    /// Paint so many photos, drawn evenly from all, before the others
    #[arg(long, value_name = "N", default_value_t = 0)]
    samples: u32,
    /// Wait after the samples for: velatura jobs approve ID (or reject)
    #[arg(long, requires = "samples")]
    ask: bool,
    /// Days after its end for which the job's tasks are kept, 0 for ever; its report stays in any case
    #[arg(long, value_name = "DAYS")]
    retention_days: Option<u32>,
    /// Makes a repeated submission harmless: the same key gives the same job
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Free text for people
    #[arg(long, default_value = "")]
    description: String,
    /// Its share of what its tenant gets, relative to the tenant's other jobs: 0.01 to 1000
    #[arg(long, default_value_t = 1.0)]
    share: f64,
    /// Of a tenant's jobs only those with the highest priority are dispatched: -100 to 100
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    priority: i32,
    /// The most of its photos in work at once; 0: no limit of its own
    #[arg(long, value_name = "PHOTOS", default_value_t = 0)]
    max_running: u64,
    /// Overtake all other jobs: for a few photos, named one by one
    #[arg(long)]
    interactive: bool,
    /// Stay and show the progress
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    recipe: RecipeFlags,
    #[command(flatten)]
    target: Target,
}

pub(crate) fn main(options: &Options) -> Result<Ended> {
    let mut request = request(options)?;
    jobs::block_on(async {
        hand_over(&mut request, &options.target).await?;
        let mut client = options.target.connect().await?;
        if options.dry_run {
            let report = client.dry_run(request).await.map_err(jobs::refusal)?.into_inner();
            return Ok(dry_run::show(&report));
        }
        let job = client.submit_job(request).await.map_err(jobs::refusal)?.into_inner();
        if options.watch {
            return jobs::watch::follow(&mut client, &job.id).await;
        }
        println!("{}", job.id);
        eprintln!("Submitted. Follow it with: velatura jobs watch {}", job.id);
        Ok(Ended::AllDone)
    })
}

/// Hands a list of photos over before the job that is made of it: it may be larger than a submission.
async fn hand_over(request: &mut v1::SubmitJobRequest, target: &Target) -> Result<()> {
    let manifest = request.source.as_mut().and_then(|source| source.manifest.as_mut());
    let Some(manifest) = manifest.filter(|manifest| !manifest.content.is_empty()) else {
        return Ok(());
    };
    let wanted = v1::KeepManifestRequest {
        destination: request.destination.clone().unwrap_or_default().prefix,
        format: manifest.format,
        content: std::mem::take(&mut manifest.content),
    };
    let client = ManifestsClient::with_interceptor(target.channel().await?, target.bearer());
    let mut client = client.max_encoding_message_size(usize::MAX);
    let kept = client.keep_manifest(wanted).await.map_err(jobs::refusal)?;
    manifest.url = kept.into_inner().url;
    Ok(())
}

fn request(options: &Options) -> Result<v1::SubmitJobRequest> {
    let recipes = options.recipe.recipes(None)?;
    Ok(v1::SubmitJobRequest {
        idempotency_key: options.idempotency_key.clone().unwrap_or_default(),
        source: Some(options.source.source()?),
        recipes: recipes.iter().map(Into::into).collect(),
        destination: Some(v1::Destination {
            prefix: destination(&options.to)?,
            template: options.template.clone(),
            on_collision: match options.skip_collisions {
                true => v1::destination::OnCollision::Skip.into(),
                false => v1::destination::OnCollision::Unspecified.into(),
            },
        }),
        description: options.description.clone(),
        samples: options.samples,
        wait_for_approval: options.ask,
        retention_days: options.retention_days,
        share: options.share,
        priority: options.priority,
        max_running: options.max_running,
        interactive: options.interactive,
    })
}

fn destination(to: &str) -> Result<String> {
    if to.contains("://") {
        return Ok(to.to_owned());
    }
    let folder = std::path::absolute(to).context("--to is no path")?;
    let folder = folder.canonicalize().unwrap_or(folder);
    Ok(format!("file://{}", folder.to_str().context("--to is not UTF-8")?))
}
