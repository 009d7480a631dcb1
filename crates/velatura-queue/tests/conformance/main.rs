//! What every broker promises, tested against each: in-process, and RabbitMQ in every version that is here.
//!
//! A claim is an `async fn` that panics when it does not hold. Versions of RabbitMQ that are not here show up as
//! ignored, never as passed.

#![expect(clippy::unwrap_used, reason = "a test without libtest is not known as a test")]

mod access;
mod alarm;
mod calling;
mod consuming;
mod counting;
mod dead;
mod outage;
mod policies;
mod publishing;
mod recovery;
mod setting;
mod settling;

use std::pin::Pin;
use std::time::Duration;

use libtest_mimic::{Arguments, Trial};
use tracing_subscriber::EnvFilter;
use velatura_testkit::rabbitmq::{RabbitMq, Version};

use setting::{Outage, Setting};

/// No claim takes so long, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(900);

type Running = Pin<Box<dyn Future<Output = ()>>>;

/// A claim by name, for the list of its module.
macro_rules! claims {
    ($($claim:ident),+ $(,)?) => {
        vec![$((stringify!($claim), (|setting| -> crate::Running { Box::pin($claim(setting)) }) as fn(_) -> _)),+]
    };
}
pub(crate) use claims;

/// Claims about a broker of this kind, by name.
type Claims<S> = Vec<(&'static str, fn(S) -> Running)>;

fn main() -> std::process::ExitCode {
    let mut arguments = Arguments::from_args();
    // They wait for servers most of the time.
    arguments.test_threads.get_or_insert(8);
    // Silent unless asked: RUST_LOG=velatura_queue=debug
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("off"));
    tracing_subscriber::fmt().with_env_filter(filter).init();
    let available = match RabbitMq::available_versions() {
        Ok(versions) => versions,
        Err(error) => {
            eprintln!("{error}");
            return std::process::ExitCode::FAILURE;
        }
    };
    if !arguments.list {
        let names: Vec<String> = available.iter().map(ToString::to_string).collect();
        println!("tested here: in-process, RabbitMQ {}", names.join(", RabbitMQ "));
        for missing in Version::ALL.iter().filter(|version| !available.contains(version)) {
            println!("not tested here: RabbitMQ {missing}; to have it, {}", missing.remedy());
        }
    }

    let everywhere = || {
        [
            publishing::claims(),
            consuming::claims(),
            settling::claims(),
            counting::claims(),
            calling::claims(),
        ]
        .concat()
    };
    let mut trials = trials("in-process", everywhere(), true, Setting::in_process);
    for version in Version::ALL {
        let kind = format!("rabbitmq-{version}");
        let here = available.contains(&version);
        let own = [dead::claims(), recovery::claims(), access::claims(), policies::claims()].concat();
        trials.extend(self::trials(&kind, [everywhere(), own].concat(), here, move || {
            Setting::rabbitmq(version)
        }));
        let outages = [outage::claims(), alarm::claims()].concat();
        trials.extend(self::trials(&kind, outages, here, move || Outage::new(version)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials<S: 'static>(
    kind: &str,
    claims: Claims<S>,
    here: bool,
    setting: impl Fn() -> S + Copy + Send + 'static,
) -> Vec<Trial> {
    let trial = |(claim, run): (&'static str, fn(S) -> Running)| {
        Trial::test(format!("{kind}::{claim}"), move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let claim = async { run(setting()).await };
                tokio::time::timeout(PATIENCE, claim)
                    .await
                    .map_err(|_| format!("not done within {PATIENCE:?}"))
            })?;
            Ok(())
        })
        .with_ignored_flag(!here)
    };
    claims.into_iter().map(trial).collect()
}
