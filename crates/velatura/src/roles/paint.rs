//! `velatura paint`: one photo while somebody waits.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use tokio::time::Instant;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Response, Status};
use velatura_proto::v1;
use velatura_proto::v1::interactive_client::InteractiveClient;

use crate::exit::Ended;
use crate::recipe_flags::RecipeFlags;
use crate::roles::jobs::target::Bearer;
use crate::roles::jobs::{Target, block_on, refusal};

/// The longest that a coordinator lets anybody wait on one request, seconds.
const LONGEST: f64 = 300.0;

/// Paint one photo by a coordinator, before everything else, and wait for its picture.
///
/// A file is handed over; s3:// or file:// names a photo where the coordinator finds it.
///
/// Examples:
///   velatura paint photo.jpg --style nocturne --out painted.jpg
///   velatura paint s3://library/a.jpg --style sumi --deadline 10 --out a.sumi.jpg
///   velatura paint --job ID --out painted.jpg
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// The photo: a file, s3:// or file://
    #[arg(required_unless_present = "job", value_name = "PHOTO")]
    photo: Option<String>,
    /// Wait for a picture that was not ready in time; its job's id
    #[arg(long, value_name = "ID", conflicts_with_all = ["photo", "styles", "recipes"])]
    job: Option<String>,
    /// Where the picture goes
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// How long to wait, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = LONGEST)]
    deadline: f64,
    #[command(flatten)]
    recipe: RecipeFlags,
    #[command(flatten)]
    target: Target,
}

type Client = InteractiveClient<InterceptedService<Channel, Bearer>>;

pub(crate) fn main(options: &Options) -> Result<Ended> {
    ensure!(
        options.deadline > 0.0 && options.deadline <= 1e6,
        "--deadline is {}, but must be above 0 and at most a million seconds",
        options.deadline
    );
    let wanted = match &options.photo {
        Some(photo) => Some(request(photo, options)?),
        None => None,
    };
    block_on(async {
        let until = Instant::now() + Duration::from_secs_f64(options.deadline);
        let channel = options.target.channel().await?;
        // A picture may be as large as it likes.
        let mut client: Client = InteractiveClient::with_interceptor(channel, options.target.bearer())
            .max_decoding_message_size(usize::MAX)
            .max_encoding_message_size(usize::MAX);
        let mut answer = match wanted {
            Some(wanted) => client.paint(wanted).await,
            None => ask(&mut client, options.job.as_deref().unwrap_or_default(), until).await,
        };
        loop {
            let painted = match answer {
                Ok(painted) => painted.into_inner(),
                Err(status) => return failed(status),
            };
            let id = painted.job.unwrap_or_default().id;
            if !painted.picture.is_empty() || Instant::now() >= until {
                return finish(&painted.picture, &options.out, &id);
            }
            answer = ask(&mut client, &id, until).await;
        }
    })
}

/// A photo that can't be painted is a failure of the work; everything else is one of its use.
fn failed(status: Status) -> Result<Ended> {
    let code = status.metadata().get("velatura-code");
    if code.is_some_and(|code| code == "painting-failed") {
        eprintln!("{}", status.message());
        return Ok(Ended::SomeFailed);
    }
    Err(refusal(status))
}

/// Asks after a picture for as long as there is time, or as one request may last.
async fn ask(client: &mut Client, id: &str, until: Instant) -> Result<Response<v1::PaintResponse>, Status> {
    let left = until.saturating_duration_since(Instant::now()).as_secs_f64();
    let request = v1::GetPictureRequest {
        id: id.to_owned(),
        deadline_seconds: left.clamp(0.001, LONGEST),
    };
    client.get_picture(request).await
}

fn finish(picture: &[u8], out: &Path, id: &str) -> Result<Ended> {
    if picture.is_empty() {
        eprintln!(
            "The picture is not ready yet. Wait for it with: velatura paint --job {id} --out {}",
            out.display()
        );
        return Ok(Ended::SomeFailed);
    }
    std::fs::write(out, picture).with_context(|| format!("can't write {}", out.display()))?;
    println!("{}", out.display());
    Ok(Ended::AllDone)
}

fn request(photo: &str, options: &Options) -> Result<v1::PaintRequest> {
    let recipes = options.recipe.recipes(None)?;
    ensure!(
        recipes.len() == 1,
        "one photo is painted by one recipe, not {}: use --mix for one picture in several styles, or call it again",
        recipes.len()
    );
    let (source, photo) = match photo.contains("://") {
        true => (photo.to_owned(), Vec::new()),
        false => {
            let bytes = std::fs::read(photo).with_context(|| format!("the photo {photo:?} can't be read"))?;
            (String::new(), bytes)
        }
    };
    Ok(v1::PaintRequest {
        source,
        photo,
        recipe: recipes.first().map(Into::into),
        deadline_seconds: options.deadline.min(LONGEST),
    })
}
