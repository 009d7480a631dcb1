//! `velatura submit`: hands a job to a coordinator.

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use velatura_proto::v1;

use crate::exit::Ended;
use crate::recipe_flags::{RecipeFlags, as_location};
use crate::roles::jobs::{self, Target};

/// Hand a job to a coordinator: one photo, several, or everything below a prefix.
///
/// Examples:
///   velatura submit photos/ --style nocturne --to painted/ --watch
///   velatura submit s3://library/2024/ --style sumi --style harvest --to s3://results/2024/
///   velatura submit s3://library/a.jpg s3://library/b.jpg --recipe evening.toml --to s3://results/
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Photos, or one folder or prefix ending in / : paths, s3:// or file://
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<String>,
    /// Where the results go: a folder, s3:// or file://
    #[arg(long, value_name = "PREFIX")]
    to: String,
    /// Names of the results below --to
    #[arg(long, value_name = "TEMPLATE", default_value = velatura_recipe::Template::DEFAULT)]
    template: String,
    /// Makes a repeated submission harmless: the same key gives the same job
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Free text for people
    #[arg(long, default_value = "")]
    description: String,
    /// Stay and show the progress
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    recipe: RecipeFlags,
    #[command(flatten)]
    target: Target,
}

pub(crate) fn main(options: &Options) -> Result<Ended> {
    let request = request(options)?;
    jobs::block_on(async {
        let mut client = options.target.connect().await?;
        let job = client.submit_job(request).await.map_err(jobs::refusal)?.into_inner();
        if options.watch {
            return jobs::watch::follow(&mut client, &job.id).await;
        }
        println!("{}", job.id);
        eprintln!("Submitted. Follow it with: velatura jobs watch {}", job.id);
        Ok(Ended::AllDone)
    })
}

fn request(options: &Options) -> Result<v1::SubmitJobRequest> {
    let recipes = options.recipe.recipes()?;
    Ok(v1::SubmitJobRequest {
        idempotency_key: options.idempotency_key.clone().unwrap_or_default(),
        source: Some(source(&options.sources)?),
        recipes: recipes.iter().map(Into::into).collect(),
        destination: Some(v1::Destination {
            prefix: destination(&options.to)?,
            template: options.template.clone(),
            ..Default::default()
        }),
        description: options.description.clone(),
        ..Default::default()
    })
}

fn source(sources: &[String]) -> Result<v1::Source> {
    let is_prefix = |source: &String| source.ends_with('/') || std::path::Path::new(source).is_dir();
    if !sources.iter().any(is_prefix) {
        let objects = sources
            .iter()
            .map(|source| as_location(source))
            .collect::<Result<_>>()?;
        return Ok(v1::Source {
            objects,
            ..Default::default()
        });
    }
    ensure!(
        sources.len() == 1,
        "a job has photos or one folder or prefix as its source: submit {} jobs",
        sources.len()
    );
    let location = if sources[0].contains("://") {
        sources[0].clone()
    } else {
        let folder =
            std::fs::canonicalize(&sources[0]).with_context(|| format!("there is no folder {:?}", sources[0]))?;
        format!(
            "file://{}/",
            folder
                .to_str()
                .context("the folder's name is not UTF-8")?
                .trim_end_matches('/')
        )
    };
    Ok(v1::Source {
        prefix: location,
        ..Default::default()
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
