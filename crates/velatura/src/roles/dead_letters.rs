//! `velatura dead-letters`: messages that the broker gave up.

use anyhow::Result;
use clap::Subcommand;
use velatura_proto::v1;
use velatura_proto::v1::dead_letters_client::DeadLettersClient;

use crate::exit::Ended;
use crate::roles::jobs::{Target, block_on, refusal};

/// See, replay or discard messages that the broker gave up: tasks that ended their workers, and what nobody can read.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The newest, a line each
    List {
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
        #[command(flatten)]
        target: Target,
    },
    /// Try one once more: a poison photo is painted anew, an unreadable message is read again
    Replay {
        /// Its number
        id: u64,
        #[command(flatten)]
        target: Target,
    },
    /// Forget one
    Discard {
        /// Its number
        id: u64,
        #[command(flatten)]
        target: Target,
    },
}

pub(crate) fn main(command: &Command) -> Result<Ended> {
    block_on(run(command))
}

async fn run(command: &Command) -> Result<Ended> {
    match command {
        Command::List { limit, target } => {
            let request = v1::ListDeadLettersRequest {
                limit: *limit,
                cursor: String::new(),
            };
            let mut client = DeadLettersClient::with_interceptor(target.channel().await?, target.bearer());
            let listed = client.list_dead_letters(request).await.map_err(refusal)?.into_inner();
            listed.dead_letters.iter().for_each(line);
            if !listed.next_cursor.is_empty() {
                println!("… and more: --limit");
            }
        }
        Command::Replay { id, target } => {
            let mut client = DeadLettersClient::with_interceptor(target.channel().await?, target.bearer());
            let request = v1::ReplayDeadLetterRequest { id: *id };
            line(&client.replay_dead_letter(request).await.map_err(refusal)?.into_inner());
        }
        Command::Discard { id, target } => {
            let mut client = DeadLettersClient::with_interceptor(target.channel().await?, target.bearer());
            let request = v1::DiscardDeadLetterRequest { id: *id };
            line(&client.discard_dead_letter(request).await.map_err(refusal)?.into_inner());
        }
    }
    Ok(Ended::AllDone)
}

fn line(letter: &v1::DeadLetter) {
    let about = match letter.job_id.as_str() {
        "" => format!("{} bytes: {:.60}", letter.bytes, letter.excerpt),
        job => format!("job {job}, photo {}, attempt {}", letter.seq, letter.attempt % 1000),
    };
    println!(
        "{:>8}  {}  {:<10} {about}  {}",
        letter.id,
        letter.at,
        letter.kind().as_str_name().to_lowercase(),
        letter.reason
    );
}
