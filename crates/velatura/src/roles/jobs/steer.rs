//! Jobs are changed while they run, and done again when they have ended.

use anyhow::Result;
use clap::{Args, Subcommand};
use velatura_proto::v1;

use super::{One, refusal, show};
use crate::recipe_flags::RecipeFlags;

#[derive(Debug, Subcommand)]
pub(crate) enum Steer {
    /// Try failed photos anew, all or by code
    ///
    /// Example:
    ///   velatura jobs retry 0197… --code storage-denied --code mask-missing
    #[command(verbatim_doc_comment)]
    Retry(Retry),
    /// Change a job's priority, share or limit while it runs
    Update(Update),
    /// Paint all photos of a job in more recipes; what is painted already is skipped
    AddRecipe(Box<AddRecipe>),
}

#[derive(Debug, Args)]
pub(crate) struct Retry {
    #[command(flatten)]
    job: One,
    /// Only photos that failed with this code; repeat for several. `velatura jobs show` lists the codes
    #[arg(long = "code", value_name = "CODE")]
    codes: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Update {
    #[command(flatten)]
    job: One,
    /// Of a tenant's jobs only those with the highest priority are dispatched: -100 to 100
    #[arg(long, allow_negative_numbers = true)]
    priority: Option<i32>,
    /// Its share of what its tenant gets, relative to the tenant's other jobs: 0.01 to 1000
    #[arg(long)]
    share: Option<f64>,
    /// The most of its photos in work at once; 0 takes the limit away
    #[arg(long, value_name = "PHOTOS")]
    max_running: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct AddRecipe {
    #[command(flatten)]
    job: One,
    #[command(flatten)]
    recipe: RecipeFlags,
}

impl Steer {
    pub(super) async fn run(&self) -> Result<()> {
        let job = match self {
            Self::Retry(Retry { job, codes }) => {
                let request = v1::RetryFailedRequest {
                    id: job.id.clone(),
                    codes: codes.clone(),
                };
                job.target.connect().await?.retry_failed(request).await
            }
            Self::Update(update) => {
                let request = v1::UpdateJobRequest {
                    id: update.job.id.clone(),
                    priority: update.priority,
                    share: update.share,
                    max_running: update.max_running,
                };
                update.job.target.connect().await?.update_job(request).await
            }
            Self::AddRecipe(add) => {
                let request = v1::AddRecipesRequest {
                    id: add.job.id.clone(),
                    recipes: add.recipe.recipes(None)?.iter().map(Into::into).collect(),
                };
                add.job.target.connect().await?.add_recipes(request).await
            }
        };
        show::line(&job.map_err(refusal)?.into_inner());
        Ok(())
    }
}
