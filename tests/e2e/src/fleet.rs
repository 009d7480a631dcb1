//! The whole system as processes, on private servers.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};
use velatura_objects::{Location, ObjectStore, ObjectsConfig, PutOptions, S3Config, Stores};
use velatura_proto::v1::jobs_client::JobsClient;
use velatura_proto::v1::{self, job};
use velatura_testkit::postgres::Postgres;
use velatura_testkit::rabbitmq::{RabbitMq, Version};
use velatura_testkit::s3::S3;
use velatura_testkit::{Child, free_port};

use crate::velatura_command;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// Objects that are stored or fetched at the same time.
const AT_ONCE: usize = 16;

/// RabbitMQ, PostgreSQL, S3, and a configuration that names them.
pub struct Fleet {
    /// The broker, to be stopped and started.
    pub broker: RabbitMq,
    /// The bucket `library`.
    pub bucket: Arc<dyn ObjectStore>,
    /// The address of the ledger's database.
    pub database: String,
    /// The S3 server's address.
    pub storage: String,
    /// The S3 server itself.
    pub s3: S3,
    stores: Stores,
    rest: u16,
    grpc: u16,
    folder: TempDir,
    _ledger: Arc<Postgres>,
}

/// A role as a process, killed when dropped.
#[derive(Debug)]
pub struct Process {
    /// The process.
    pub child: Child,
    /// Where it answers about itself.
    pub port: u16,
    log: PathBuf,
}

impl Fleet {
    /// Starts the servers; no role runs yet. `extra` is added to the configuration file.
    pub fn start(extra: &str) -> Result<Self> {
        let broker = RabbitMq::start(Version::V3_10)?;
        let (ledger, s3) = (Postgres::shared()?, S3::start()?);
        let database = ledger.create_database()?;
        s3.create_bucket("library")?;
        let (rest, grpc, folder) = (free_port(), free_port(), TempDir::new()?);
        let config = format!(
            r#"
            [queue]
            urls = ["{broker}"]
            management_url = "{management}"
            [ledger]
            url = "{database}"
            [objects.s3]
            endpoint_url = "{endpoint}"
            access_key_id = "{key}"
            secret_access_key = "{secret}"
            region = "{region}"
            [coordinator]
            listen = "127.0.0.1:{rest}"
            grpc_listen = "127.0.0.1:{grpc}"
            retry_base_seconds = 0.2
            {extra}
            "#,
            broker = broker.url(),
            management = broker.management_url(),
            endpoint = s3.endpoint(),
            key = S3::ACCESS_KEY_ID,
            secret = S3::SECRET_ACCESS_KEY,
            region = S3::REGION,
        );
        fs::write(folder.path().join("velatura.toml"), config)?;
        let stores = Stores::new(ObjectsConfig {
            s3: S3Config {
                endpoint_url: Some(s3.endpoint().parse()?),
                access_key_id: Some(S3::ACCESS_KEY_ID.to_owned()),
                secret_access_key: Some(S3::SECRET_ACCESS_KEY.into()),
                region: Some(S3::REGION.to_owned()),
                ..S3Config::default()
            },
            ..ObjectsConfig::default()
        });
        let (bucket, _) = stores.open(&Location::parse("s3://library/")?)?;
        Ok(Self {
            stores,
            broker,
            bucket,
            database,
            storage: s3.endpoint(),
            rest,
            grpc,
            folder,
            _ledger: ledger,
            s3,
        })
    }

    /// Starts the coordinator and waits until it is ready.
    pub fn coordinator(&self) -> Result<Process> {
        self.role("coordinator", self.rest, &[])
    }

    /// Starts a worker and waits until it is ready.
    pub fn worker(&self) -> Result<Process> {
        let port = free_port();
        self.role("worker", port, &["--listen", &format!("127.0.0.1:{port}")])
    }

    fn role(&self, role: &str, port: u16, arguments: &[&str]) -> Result<Process> {
        let log = self.folder.path().join(format!("{role}-{port}.log"));
        let mut command = velatura_command();
        command
            .arg("--config")
            .arg(self.folder.path().join("velatura.toml"))
            .arg(role)
            .args(arguments);
        command
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?);
        let mut process = Process {
            child: Child::spawn(role, command)?,
            port,
            log,
        };
        let ready = process.child.until(PATIENCE, || {
            Ok(get(port, "/readyz").is_ok_and(|(status, _)| status == 200))
        });
        ready.with_context(|| format!("{role}:\n{}", process.log()))?;
        Ok(process)
    }

    /// Copies a folder into the bucket, below a prefix.
    pub async fn upload(&self, folder: &Path, prefix: &str) -> Result<()> {
        let (mut folders, mut under_way) = (vec![folder.to_owned()], JoinSet::new());
        while let Some(current) = folders.pop() {
            for entry in fs::read_dir(&current)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let key = path.strip_prefix(folder)?.to_str().context("test keys are UTF-8")?;
                let (bucket, key) = (Arc::clone(&self.bucket), format!("{prefix}{key}"));
                let body = Bytes::from(fs::read(&path)?);
                under_way.spawn(async move { bucket.put(&key, body, PutOptions::default()).await });
                if under_way.len() >= AT_ONCE {
                    under_way.join_next().await.context("one is under way")???;
                }
            }
        }
        while let Some(stored) = under_way.join_next().await {
            stored??;
        }
        Ok(())
    }

    /// Every picture below a prefix, by its key below it; what the coordinator keeps beside them, in `_velatura/`, is left out.
    pub async fn download(&self, prefix: &str) -> Result<BTreeMap<String, Bytes>> {
        let (mut objects, mut under_way) = (BTreeMap::new(), JoinSet::new());
        let mut after = None;
        loop {
            let page = self.bucket.list(prefix, after.as_deref(), 1000).await?;
            for meta in &page.objects {
                let name = &meta.key[prefix.len()..];
                if name.starts_with("_velatura/") {
                    continue;
                }
                let (bucket, key, name) = (Arc::clone(&self.bucket), meta.key.clone(), name.to_owned());
                under_way.spawn(async move { bucket.get(&key, u64::MAX).await.map(|object| (name, object.body)) });
                if under_way.len() >= AT_ONCE {
                    objects.extend([under_way.join_next().await.context("one is under way")???]);
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        while let Some(fetched) = under_way.join_next().await {
            objects.extend([fetched??]);
        }
        Ok(objects)
    }

    /// A client of the coordinator.
    pub async fn client(&self) -> Result<JobsClient<Channel>> {
        let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{}", self.grpc))?;
        Ok(JobsClient::new(endpoint.connect().await?))
    }

    /// Another bucket of the same storage.
    pub fn open(&self, url: &str) -> Result<Arc<dyn ObjectStore>> {
        Ok(self.stores.open(&Location::parse(url)?)?.0)
    }

    /// Submits everything below a prefix of the bucket.
    pub async fn submit(&self, from: &str, to: &str, recipes: Vec<v1::Recipe>) -> Result<v1::Job> {
        self.submit_from(&format!("s3://library/{from}"), to, recipes).await
    }

    /// Submits everything below a location, to be painted into the bucket.
    pub async fn submit_from(&self, from: &str, to: &str, recipes: Vec<v1::Recipe>) -> Result<v1::Job> {
        let request = v1::SubmitJobRequest {
            source: Some(v1::Source {
                prefix: from.to_owned(),
                objects: Vec::new(),
                ..Default::default()
            }),
            destination: Some(v1::Destination {
                prefix: format!("s3://library/{to}"),
                template: String::new(),
                ..Default::default()
            }),
            recipes,
            ..v1::SubmitJobRequest::default()
        };
        Ok(self.client().await?.submit_job(request).await?.into_inner())
    }

    /// Waits until so many tasks of a job have ended, and returns the job.
    pub async fn until_ended(&self, id: &str, tasks: u64) -> Result<v1::Job> {
        self.until(id, |job| {
            let c = job.counters.unwrap_or_default();
            c.done + c.skipped + c.failed + c.cancelled >= tasks
        })
        .await
    }

    /// Waits until a job has ended, and returns it.
    pub async fn until_over(&self, id: &str) -> Result<v1::Job> {
        let over = |job: &v1::Job| {
            matches!(
                job.state(),
                job::State::Done | job::State::Cancelled | job::State::Failed
            )
        };
        self.until(id, over).await
    }

    /// Waits until a job is as wished, and returns it.
    pub async fn until(&self, id: &str, mut is_so: impl FnMut(&v1::Job) -> bool) -> Result<v1::Job> {
        let began = Instant::now();
        // The stream ends with the coordinator's process; what it says is looked at until then.
        let mut changes = self
            .client()
            .await?
            .watch_job(v1::GetJobRequest { id: id.to_owned() })
            .await?
            .into_inner();
        let mut last = None;
        while began.elapsed() < PATIENCE {
            match tokio::time::timeout(PATIENCE, changes.message()).await?? {
                Some(job) if is_so(&job) => return Ok(job),
                Some(job) => last = Some(job),
                None => break,
            }
        }
        bail!("the job did not get there; last seen: {last:?}")
    }

    /// Every task of a job.
    pub async fn tasks(&self, id: &str) -> Result<Vec<v1::TaskStatus>> {
        let request = v1::ListTasksRequest {
            id: id.to_owned(),
            limit: 1000,
            ..v1::ListTasksRequest::default()
        };
        Ok(self.client().await?.list_tasks(request).await?.into_inner().tasks)
    }
}

impl Process {
    /// What it has written so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until `/readyz` answers with this status, and returns what it said.
    pub fn until_readiness(&mut self, wanted: u16) -> Result<String> {
        let (port, mut said) = (self.port, String::new());
        let is_so = self.child.until(PATIENCE, || {
            let Ok((status, body)) = get(port, "/readyz") else {
                return Ok(false);
            };
            said = body;
            Ok(status == wanted)
        });
        is_so.with_context(|| format!("{said}\n{}", self.log()))?;
        Ok(said)
    }

    /// Ends it as an orchestrator does, and returns what it exited with.
    pub fn terminate(mut self) -> Result<(i32, String)> {
        self.child.signal(libc::SIGTERM)?;
        let status = self.child.wait(PATIENCE)?;
        Ok((status.code().unwrap_or(-1), self.log()))
    }
}

/// A GET request on loopback: the status and the body.
///
/// # Errors
/// When nobody answers, or not in HTTP.
pub fn get(port: u16, path: &str) -> Result<(u16, String)> {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: test\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an HTTP answer has a head")?;
    let status = head.split(' ').nth(1).context("an HTTP answer has a status")?.parse()?;
    ensure!(status != 0, "no status");
    Ok((status, body.to_owned()))
}
