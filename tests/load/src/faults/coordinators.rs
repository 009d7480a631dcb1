//! Coordinators as processes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use velatura_testkit::s3::S3;
use velatura_testkit::{Child, free_port};

use crate::servers::Servers;

/// How long one may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// One of them.
struct Coordinator {
    child: Child,
    config: PathBuf,
    log: PathBuf,
    grpc: u16,
}

/// Those at work, on one ledger and one broker.
pub(super) struct Coordinators {
    program: PathBuf,
    all: Vec<Coordinator>,
}

impl Coordinators {
    pub(super) fn start(
        program: &Path,
        folder: &Path,
        servers: &Servers,
        endpoint: &str,
        count: usize,
    ) -> Result<Self> {
        let mut all = Vec::with_capacity(count);
        for nth in 0..count {
            let (rest, grpc) = (free_port(), free_port());
            let config = folder.join(format!("coordinator-{nth}.toml"));
            fs::write(&config, configuration(servers, endpoint, rest, grpc))?;
            let log = config.with_extension("log");
            all.push(Coordinator {
                child: spawn(program, &config, &log)?,
                config,
                log,
                grpc,
            });
        }
        for coordinator in &mut all {
            let grpc = coordinator.grpc;
            let ready = coordinator.child.until(PATIENCE, || {
                Ok(std::net::TcpStream::connect(("127.0.0.1", grpc)).is_ok())
            });
            ready.with_context(|| fs::read_to_string(&coordinator.log).unwrap_or_default())?;
        }
        Ok(Self {
            program: program.to_owned(),
            all,
        })
    }

    /// Where the first of them serves gRPC.
    pub(super) fn grpc(&self) -> String {
        format!("http://127.0.0.1:{}", self.all[0].grpc)
    }

    /// Kills the one that leads, and starts it again: it has said in its log under which name. Where nobody leads right now
    /// it is the first one's turn.
    pub(super) fn kill_leader(&mut self, holder: &str) -> Result<()> {
        let leads = |one: &Coordinator| fs::read_to_string(&one.log).is_ok_and(|log| log.contains(holder));
        let leader = self.all.iter().position(leads).unwrap_or(0);
        let leader = &mut self.all[leader];
        leader.child.kill();
        leader.child = spawn(&self.program, &leader.config, &leader.log)?;
        Ok(())
    }

    /// The end of what each has said.
    pub(super) fn logs(&self) -> String {
        let end = |one: &Coordinator| {
            let log = fs::read_to_string(&one.log).unwrap_or_default();
            let lines: Vec<_> = log.lines().collect();
            format!(
                "{}:\n{}\n",
                one.log.display(),
                lines[lines.len().saturating_sub(15)..].join("\n")
            )
        };
        self.all.iter().map(end).collect()
    }
}

fn spawn(program: &Path, config: &Path, log: &Path) -> Result<Child> {
    let log = File::options().create(true).append(true).open(log)?;
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VELATURA_")) {
        command.env_remove(name);
    }
    command.arg("--config").arg(config).arg("coordinator");
    command.stdout(log.try_clone()?).stderr(log);
    Child::spawn("velatura coordinator", command)
}

fn configuration(servers: &Servers, endpoint: &str, rest: u16, grpc: u16) -> String {
    format!(
        r#"
        [queue]
        urls = ["{broker}"]
        management_url = "{management}"
        [ledger]
        url = "{ledger}"
        [objects.s3]
        endpoint_url = "{endpoint}"
        access_key_id = "{key}"
        secret_access_key = "{secret}"
        region = "{region}"
        [coordinator]
        listen = "127.0.0.1:{rest}"
        grpc_listen = "127.0.0.1:{grpc}"
        retry_base_seconds = 0.2
        # What a killed coordinator had dispatched and not published is found after this.
        lease_seconds = 10
        "#,
        broker = servers.broker.url(),
        management = servers.broker.management_url(),
        ledger = servers.ledger,
        key = S3::ACCESS_KEY_ID,
        secret = S3::SECRET_ACCESS_KEY,
        region = S3::REGION,
    )
}
