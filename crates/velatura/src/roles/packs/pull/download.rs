use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::StreamExt as _;
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode};
use sha2::{Digest as _, Sha256};
use tokio::fs::OpenOptions;
use tokio::io::AsyncWriteExt as _;

use crate::progress;

/// Fetches files into a folder; what breaks off is gone on with the next time.
pub(super) struct Downloader {
    client: Client,
}

/// A file to be fetched.
pub(super) struct Wanted<'a> {
    pub(super) url: &'a str,
    /// None: nobody states one, and what comes is taken with a warning.
    pub(super) sha256: Option<&'a str>,
    pub(super) max_bytes: u64,
}

impl Downloader {
    pub(super) fn new() -> Result<Self> {
        let builder = Client::builder()
            .user_agent(concat!("velatura/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(15))
            .read_timeout(Duration::from_secs(60));
        Ok(Self {
            client: builder.build().context(
                "no HTTP client can be made on this machine: install its CA certificates (the package ca-certificates), \
                 or name a file of them in SSL_CERT_FILE",
            )?,
        })
    }

    /// The file, whole and checked. It is named after its address, with its ending.
    pub(super) async fn fetch(&self, wanted: &Wanted<'_>, folder: &Path) -> Result<PathBuf> {
        let name = wanted
            .url
            .split(['?', '#'])
            .next()
            .and_then(|path| path.rsplit('/').next())
            .unwrap_or_default();
        let place = &hex::encode(Sha256::digest(wanted.url))[..16];
        let file = folder.join(format!("{place}-{name}"));
        let part = folder.join(format!("{place}-{name}.part"));
        if !file.exists() {
            self.bring(wanted, name, &part).await?;
            fs::rename(&part, &file)?;
        }
        match self.check(wanted, &file) {
            Ok(()) => Ok(file),
            Err(wrong) => {
                fs::remove_file(&file)?;
                Err(wrong)
            }
        }
    }

    /// Fills `part` from where it ends.
    async fn bring(&self, wanted: &Wanted<'_>, name: &str, part: &Path) -> Result<()> {
        let there = fs::metadata(part).map_or(0, |meta| meta.len());
        let mut request = self.client.get(wanted.url);
        if there > 0 {
            request = request.header(RANGE, format!("bytes={there}-"));
        }
        let unreachable = || format!("{} can't be fetched: check the network, then run it again", wanted.url);
        let answer = request.send().await.with_context(unreachable)?;
        let start = match answer.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT if goes_on_at(&answer, there) => there,
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                fs::remove_file(part)?;
                bail!(
                    "{} has changed since the download broke off: run it again to start over",
                    wanted.url
                );
            }
            status => bail!("{} answers {status}: it is not published there (any more)", wanted.url),
        };
        let total = answer.content_length().map(|rest| start + rest);
        let too_large = || {
            format!(
                "{} is larger than the {} bytes that were expected: it is not fetched",
                wanted.url, wanted.max_bytes
            )
        };
        ensure!(total.is_none_or(|total| total <= wanted.max_bytes), too_large());
        let mut out = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(start == 0)
            .append(start > 0)
            .open(part)
            .await?;
        let bar = progress::bytes(total, name);
        bar.set_position(start);
        let (mut done, mut body) = (start, answer.bytes_stream());
        while let Some(chunk) = body.next().await {
            let broken = || {
                format!(
                    "{} broke off after {done} bytes: run it again to go on from there",
                    wanted.url
                )
            };
            let chunk = match chunk.with_context(broken) {
                Ok(chunk) => chunk,
                Err(error) => {
                    out.flush().await?;
                    return Err(error);
                }
            };
            done += chunk.len() as u64;
            if done > wanted.max_bytes {
                drop(out);
                fs::remove_file(part)?;
                bail!(too_large());
            }
            out.write_all(&chunk).await?;
            bar.set_position(done);
        }
        out.flush().await?;
        out.sync_all().await?;
        bar.finish_and_clear();
        println!("Fetched {name}, {done} bytes");
        Ok(())
    }

    fn check(&self, wanted: &Wanted<'_>, file: &Path) -> Result<()> {
        let found = digest(file)?;
        match wanted.sha256 {
            Some(expected) if expected.eq_ignore_ascii_case(&found) => Ok(()),
            Some(expected) => bail!(
                "{} has the sha256 {found}, but {expected} was expected: it was removed and nothing was installed",
                wanted.url
            ),
            None => {
                eprintln!(
                    "WARNING: nobody states a checksum of {}. What came has the sha256 {found}: compare it with a source \
                     that you trust, and give it with --sha256 from then on",
                    wanted.url
                );
                Ok(())
            }
        }
    }
}

fn goes_on_at(answer: &Response, there: u64) -> bool {
    let range = answer
        .headers()
        .get(CONTENT_RANGE)
        .and_then(|value| value.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {there}-")))
}

fn digest(path: &Path) -> Result<String> {
    let mut file = fs::File::open(path)?;
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(digest.finalize())),
            read => digest.update(&buffer[..read]),
        }
    }
}
