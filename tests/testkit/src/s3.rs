//! A private S3 server.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;

use crate::tls::Authority;
use crate::{Child, free_port};

/// The release of moto that `s3-server.sh` installs.
const VERSION: &str = "5.2.5";
/// Python and moto take a second, on a busy machine many.
const PATIENCE: Duration = Duration::from_secs(120);

/// A private S3 server (moto) on loopback.
///
/// It keeps its objects in memory: [`Self::start_again`] brings it up empty. To test an outage that forgets nothing,
/// [`Self::pause`] it, and it will not answer; or let clients use [`Self::dead_endpoint`].
#[derive(Debug)]
pub struct S3 {
    server: Child,
    port: u16,
    checks_credentials: bool,
    authority: Option<Authority>,
    log: NamedTempFile,
}

impl S3 {
    /// The region that clients name.
    pub const REGION: &str = "us-east-1";
    /// Any access key will do, unless the server checks credentials.
    pub const ACCESS_KEY_ID: &str = "velatura";
    /// Any secret will do, unless the server checks credentials.
    pub const SECRET_ACCESS_KEY: &str = "velatura-secret";

    /// Starts a server without buckets that lets everybody in.
    pub fn start() -> Result<Self> {
        Self::start_with(false, None)
    }

    /// Starts a server that knows no credentials, and so refuses everybody.
    pub fn start_checking_credentials() -> Result<Self> {
        Self::start_with(true, None)
    }

    /// Starts a server that speaks TLS, with the certificate of this authority, and nothing else.
    pub fn start_with_tls(authority: Authority) -> Result<Self> {
        Self::start_with(false, Some(authority))
    }

    fn start_with(checks_credentials: bool, authority: Option<Authority>) -> Result<Self> {
        let (port, log) = (free_port(), NamedTempFile::new()?);
        let server = launch(port, checks_credentials, authority.as_ref(), &log)?;
        Ok(Self {
            server,
            port,
            checks_credentials,
            authority,
            log,
        })
    }

    /// Its address, for `endpoint_url`.
    pub fn endpoint(&self) -> String {
        match self.authority {
            None => format!("http://127.0.0.1:{}", self.port),
            Some(_) => format!("https://localhost:{}", self.port),
        }
    }

    /// An address at which nobody listens.
    pub fn dead_endpoint() -> String {
        format!("http://127.0.0.1:{}", free_port())
    }

    /// Makes a bucket; one that is there already stays as it is.
    pub fn create_bucket(&self, name: &str) -> Result<()> {
        let answer = request(self.port, "PUT", &format!("/{name}"), "")?;
        ensure!(
            answer.starts_with("HTTP/1.1 200"),
            "the S3 server has not made the bucket {name}: {answer}"
        );
        Ok(())
    }

    /// From now on it takes connections and requests, and answers none.
    pub fn pause(&self) -> Result<()> {
        self.server.signal(libc::SIGSTOP)
    }

    /// It answers again, also what was asked meanwhile.
    pub fn resume(&self) -> Result<()> {
        self.server.signal(libc::SIGCONT)
    }

    /// Makes a bucket keep every version of its objects from now on.
    pub fn keep_versions(&self, bucket: &str) -> Result<()> {
        let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        let answer = request(self.port, "PUT", &format!("/{bucket}?versioning"), on)?;
        ensure!(
            answer.starts_with("HTTP/1.1 200"),
            "{bucket} keeps no versions: {answer}"
        );
        Ok(())
    }

    /// The ids of all versions of all objects in a bucket, as the server lists them.
    pub fn version_ids(&self, bucket: &str) -> Result<Vec<String>> {
        let answer = request(self.port, "GET", &format!("/{bucket}?versions"), "")?;
        ensure!(
            answer.starts_with("HTTP/1.1 200"),
            "{bucket} lists no versions: {answer}"
        );
        let parts = answer.split("<VersionId>").skip(1);
        Ok(parts
            .filter_map(|part| Some(part.split_once("</VersionId>")?.0.to_owned()))
            .collect())
    }

    /// Deletes a bucket and all that is in it.
    pub fn delete_bucket(&self, bucket: &str, keys: &[String]) -> Result<()> {
        for key in keys {
            request(self.port, "DELETE", &format!("/{bucket}/{key}"), "")?;
        }
        let answer = request(self.port, "DELETE", &format!("/{bucket}"), "")?;
        ensure!(answer.starts_with("HTTP/1.1 204"), "{bucket} stays: {answer}");
        Ok(())
    }

    /// Ends it at once; connections are refused, and its objects are gone.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Ends it and starts an empty one at the same address.
    pub fn start_again(&mut self) -> Result<()> {
        self.kill();
        self.server = launch(self.port, self.checks_credentials, self.authority.as_ref(), &self.log)?;
        Ok(())
    }
}

fn launch(port: u16, checks_credentials: bool, authority: Option<&Authority>, log: &NamedTempFile) -> Result<Child> {
    let program = program()?;
    let mut command = Command::new(&program);
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    if let Some(authority) = authority {
        command.arg("--ssl").arg("--ssl-cert").arg(authority.certificate_file());
        command.arg("--ssl-key").arg(authority.key_file());
    }
    let output = log.reopen()?;
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    if checks_credentials {
        command.env("INITIAL_NO_AUTH_ACTION_COUNT", "0");
    }
    let mut server = Child::spawn("moto_server", command)?;
    server
        .until(PATIENCE, || Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()))
        .with_context(|| format!("it said: {}", fs::read_to_string(log.path()).unwrap_or_default()))?;
    Ok(server)
}

fn program() -> Result<PathBuf> {
    let data = match std::env::var_os("XDG_DATA_HOME").filter(|home| !home.is_empty()) {
        Some(home) => PathBuf::from(home),
        None => PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?).join(".local/share"),
    };
    let home = data.join("velatura/moto").join(VERSION);
    ensure!(
        home.join("complete").exists(),
        "the S3 server of the tests is not installed in {}: run `cargo xtask setup`",
        home.display()
    );
    Ok(home.join("bin/moto_server"))
}

/// One request; the credential's scope is how the server knows that S3 is meant.
fn request(port: u16, method: &str, path: &str, body: &str) -> Result<String> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.set_read_timeout(Some(PATIENCE))?;
    let scope = format!("{}/20260101/{}/s3/aws4_request", S3::ACCESS_KEY_ID, S3::REGION);
    write!(
        connection,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer)
}
