//! A private RabbitMQ node, of any version that is at hand.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::process::{Child, free_port};
use crate::tls::Authority;

mod epmd;
mod http;
mod version;

use epmd::Epmd;
pub use version::Version;

/// How long a node may take to start or to stop on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// A RabbitMQ node on loopback with the management API, guest/guest as administrator, and its own data, which is gone
/// when this is dropped. It can be stopped, killed and started again with what it had stored.
#[derive(Debug)]
pub struct RabbitMq {
    version: Version,
    // In this order they go: the node before the port mapper it registers with, the folder last.
    node: Option<Child>,
    epmd: Epmd,
    folder: TempDir,
    amqp_port: u16,
    amqps: Option<(u16, Authority)>,
    management_port: u16,
    distribution_port: u16,
    vhosts: AtomicU32,
}

impl RabbitMq {
    /// Starts a node and waits until it serves.
    pub fn start(version: Version) -> Result<Self> {
        Self::start_with(version, None)
    }

    /// Starts a node that serves AMQP over TLS beside plain AMQP, with the certificate of this authority.
    pub fn start_with_tls(version: Version, authority: Authority) -> Result<Self> {
        Self::start_with(version, Some((free_port(), authority)))
    }

    fn start_with(version: Version, amqps: Option<(u16, Authority)>) -> Result<Self> {
        ensure!(
            version.is_available(),
            "RabbitMQ {version} is not here: {}",
            version.remedy()
        );
        let mut broker = Self {
            version,
            folder: TempDir::with_prefix("velatura-rabbitmq-")?,
            epmd: Epmd::start()?,
            node: None,
            amqp_port: free_port(),
            amqps,
            management_port: free_port(),
            distribution_port: free_port(),
            vhosts: AtomicU32::new(0),
        };
        broker.configure()?;
        broker.start_again()?;
        Ok(broker)
    }

    /// The node of this version that all tests of this process share; it ends with the process. Tests keep apart by
    /// [`RabbitMq::vhost`].
    pub fn shared(version: Version) -> Result<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.is_empty() {
            // SAFETY: the handler touches only statics, which live until the process is gone.
            unsafe { libc::atexit(end_shared) };
        }
        if let Some(broker) = shared.iter().find(|broker| broker.version == version) {
            return Ok(Arc::clone(broker));
        }
        let broker = Arc::new(Self::start(version)?);
        shared.push(Arc::clone(&broker));
        Ok(broker)
    }

    /// Every version that can be tested here; an error when even the one that must be is missing.
    pub fn available_versions() -> Result<Vec<Version>> {
        let must = Version::V3_10;
        ensure!(
            must.is_available(),
            "RabbitMQ {must} is not installed: {}",
            must.remedy()
        );
        Ok(Version::ALL
            .into_iter()
            .filter(|version| version.is_available())
            .collect())
    }

    /// Which version it is.
    pub fn version(&self) -> Version {
        self.version
    }

    /// `amqp://guest:guest@127.0.0.1:<port>`, with the vhost `/`.
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}", self.amqp_port)
    }

    /// `amqps://guest:guest@localhost:<port>`, where it serves that.
    pub fn tls_url(&self) -> Option<String> {
        let (port, _) = self.amqps.as_ref()?;
        Some(format!("amqps://guest:guest@localhost:{port}"))
    }

    /// `http://127.0.0.1:<port>`.
    pub fn management_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.management_port)
    }

    /// The process id of the node, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.node.as_ref().map(Child::pid)
    }

    /// Makes a vhost that nobody else uses, and returns its name: what to append to [`RabbitMq::url`] after a `/`.
    pub fn vhost(&self) -> Result<String> {
        let name = format!("test-{}", self.vhosts.fetch_add(1, Ordering::Relaxed));
        self.api("PUT", &format!("/api/vhosts/{name}"), "{}")?;
        let everything = r#"{"configure":".*","write":".*","read":".*"}"#;
        self.api("PUT", &format!("/api/permissions/{name}/guest"), everything)?;
        Ok(name)
    }

    /// Asks the management API; a JSON body in and out, empty where there is none.
    pub fn api(&self, method: &str, path: &str, body: &str) -> Result<String> {
        http::request(self.management_port, method, path, body)
    }

    /// Runs `rabbitmqctl` against the node.
    pub fn ctl(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.program("rabbitmqctl");
        let output = command.args(["--node", &self.node_name()]).args(arguments).output()?;
        let words = String::from_utf8_lossy(if output.status.success() {
            &output.stdout
        } else {
            &output.stderr
        });
        ensure!(
            output.status.success(),
            "rabbitmqctl {arguments:?} ended with {}: {words}",
            output.status
        );
        Ok(words.into_owned())
    }

    /// Ends the node in good order. What was confirmed is kept for [`RabbitMq::start_again`].
    pub fn stop(&mut self) -> Result<()> {
        let mut node = self.node.take().context("the node does not run")?;
        node.signal(libc::SIGTERM)?;
        node.wait(PATIENCE)?;
        Ok(())
    }

    /// Ends the node as a power cut would. What was confirmed is kept for [`RabbitMq::start_again`].
    pub fn kill(&mut self) {
        self.node = None;
    }

    /// Starts a node that was stopped or killed, with the data and the ports it had.
    pub fn start_again(&mut self) -> Result<()> {
        ensure!(self.node.is_none(), "the node runs already");
        let mut command = self.program("rabbitmq-server");
        let log = File::create(self.folder.path().join("out"))?;
        command.stdout(log.try_clone()?).stderr(log);
        let mut node = Child::spawn(&format!("RabbitMQ {}", self.version), command)?;
        let ready = node.until(PATIENCE, || Ok(self.serves_amqp() && self.serves_management()));
        if let Err(error) = ready {
            let said = fs::read_to_string(self.folder.path().join("out")).unwrap_or_default();
            bail!("{error}; it said:\n{said}");
        }
        self.node = Some(node);
        Ok(())
    }

    fn node_name(&self) -> String {
        format!("node{}@localhost", self.amqp_port)
    }

    /// A port that accepts is not enough: the broker must answer the protocol.
    fn serves_amqp(&self) -> bool {
        let answer = || -> std::io::Result<u8> {
            let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, self.amqp_port))?;
            socket.set_read_timeout(Some(Duration::from_secs(1)))?;
            socket.write_all(b"AMQP\0\0\x09\x01")?;
            let mut first = [0];
            socket.read_exact(&mut first)?;
            Ok(first[0])
        };
        answer().is_ok_and(|first| first == 1)
    }

    fn serves_management(&self) -> bool {
        self.api("GET", "/api/overview", "").is_ok()
    }

    fn configure(&self) -> Result<()> {
        let folder = self.folder.path();
        let (amqp, management) = (self.amqp_port, self.management_port);
        fs::write(
            folder.join("rabbitmq.conf"),
            format!(
                "listeners.tcp.default = 127.0.0.1:{amqp}\n\
                 management.tcp.ip = 127.0.0.1\n\
                 management.tcp.port = {management}\n\
                 loopback_users = none\n\
                 disk_free_limit.absolute = 50MB\n\
                 vm_memory_high_watermark.absolute = 1GB\n\
                 collect_statistics_interval = 1000\n"
            ),
        )?;
        if let Some((port, authority)) = &self.amqps {
            let mut config = File::options().append(true).open(folder.join("rabbitmq.conf"))?;
            writeln!(
                config,
                "listeners.ssl.default = 127.0.0.1:{port}\nssl_options.cacertfile = {}\nssl_options.certfile = {}\n\
                 ssl_options.keyfile = {}\nssl_options.verify = verify_none",
                authority.ca_file().display(),
                authority.certificate_file().display(),
                authority.key_file().display(),
            )?;
        }
        fs::write(folder.join("enabled_plugins"), "[rabbitmq_management].\n")?;
        let cookie = folder.join(".erlang.cookie");
        fs::write(&cookie, "VELATURATESTS")?;
        fs::set_permissions(cookie, fs::Permissions::from_mode(0o400))?;
        Ok(())
    }

    /// One of the node's own programs, run directly: what lies in `/usr/sbin` belongs to the machine's service.
    fn program(&self, name: &str) -> Command {
        let (mut command, home) = self.version.program(name, self.folder.path());
        let environment = HashMap::from([
            ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("HOME", home.clone()),
            ("ERL_EPMD_PORT", self.epmd.port().to_string()),
            ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
            // A file that is not there: the machine's own must not be read.
            ("RABBITMQ_CONF_ENV_FILE", format!("{home}/none.conf")),
            ("RABBITMQ_NODENAME", self.node_name()),
            ("RABBITMQ_DIST_PORT", self.distribution_port.to_string()),
            ("RABBITMQ_MNESIA_BASE", format!("{home}/data")),
            ("RABBITMQ_LOG_BASE", format!("{home}/log")),
            ("RABBITMQ_CONFIG_FILE", format!("{home}/rabbitmq.conf")),
            ("RABBITMQ_ADVANCED_CONFIG_FILE", format!("{home}/advanced.config")),
            ("RABBITMQ_GENERATED_CONFIG_DIR", format!("{home}/generated")),
            ("RABBITMQ_SCHEMA_DIR", format!("{home}/schema")),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", format!("{home}/enabled_plugins")),
            ("RABBITMQ_FEATURE_FLAGS_FILE", format!("{home}/feature_flags")),
            ("RABBITMQ_PID_FILE", format!("{home}/pid")),
            (
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2".to_owned(),
            ),
            // With it the script becomes the node instead of starting it, so that the child's id is the node's.
            ("RUNNING_UNDER_SYSTEMD", "true".to_owned()),
        ]);
        command.env_clear().envs(environment);
        command
    }
}

static SHARED: Mutex<Vec<Arc<RabbitMq>>> = Mutex::new(Vec::new());

/// A static is never dropped, and the folders would stay.
extern "C" fn end_shared() {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner).clear();
}
