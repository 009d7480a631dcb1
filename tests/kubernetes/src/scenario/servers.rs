//! RabbitMQ, PostgreSQL and S3 outside of the cluster, reached from Pods as from outside.

use std::fs;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use velatura_e2e::{Fleet, Publisher, Serving, pack_archive, square_photos};
use velatura_testkit::s3::S3;
use velatura_testkit::tls::Authority;

use crate::cluster::{ControlPlane, network, proxy};

/// Starts them, and stores photos.
pub(super) async fn with_photos(count: usize, side: u32) -> Result<Fleet> {
    let (fleet, folder) = tokio::task::block_in_place(|| {
        let folder = TempDir::new()?;
        square_photos(folder.path(), count, side)?;
        anyhow::Ok((Fleet::start("")?, folder))
    })?;
    fleet.upload(folder.path(), "in/").await?;
    Ok(fleet)
}

/// Opens the ways to the servers, and makes the Secrets with their addresses and with the coordinators' certificate, which
/// are the user's to make.
pub(super) async fn connect(fleet: &Fleet, plane: &ControlPlane, authority: &Authority) -> Result<()> {
    let (broker, management) = (fleet.broker.url(), fleet.broker.management_url());
    for address in [&broker, &management, &fleet.database, &fleet.storage] {
        proxy::expose(port(address)?).await?;
    }
    let management = management.replace("http://", "http://guest:guest@");
    secret(
        plane,
        "velatura-broker",
        &[("urls", &outside(&broker)), ("management-url", &outside(&management))],
    )?;
    secret(plane, "velatura-ledger", &[("url", &outside(&fleet.database))])?;
    secret(
        plane,
        "velatura-objects",
        &[
            ("access-key-id", S3::ACCESS_KEY_ID),
            ("secret-access-key", S3::SECRET_ACCESS_KEY),
        ],
    )?;
    let read = |path| fs::read_to_string(path);
    let (certificate, key) = (read(authority.certificate_file())?, read(authority.key_file())?);
    let files = [
        ("tls.crt", &certificate),
        ("tls.key", &key),
        ("ca.crt", &read(authority.ca_file())?),
    ];
    secret(plane, "velatura-tls", &files.map(|(name, text)| (name, text.as_str())))
}

/// The pack that workers fetch before they start.
#[derive(Debug)]
pub(super) struct Published {
    /// Where a Pod finds its archive.
    pub(super) url: String,
    /// The archive's checksum.
    pub(super) sha256: String,
    _publisher: Publisher,
}

/// Publishes the house's own pack, as somebody's who has one of his own.
pub(super) async fn publish() -> Result<Published> {
    let archive = pack_archive("velatura-light")?;
    let sha256 = hex::encode(Sha256::digest(&archive));
    let publisher = Publisher::start()?;
    let url = publisher.serve("velatura-light.tar.gz", Serving::Whole(archive));
    proxy::expose(port(&url)?).await?;
    Ok(Published {
        url: outside(&url),
        sha256,
        _publisher: publisher,
    })
}

/// The address by which a Pod reaches what is on this machine's loopback.
pub(super) fn outside(address: &str) -> String {
    address.replace("127.0.0.1", network::HOST)
}

fn port(address: &str) -> Result<u16> {
    let authority = address.split("://").nth(1).and_then(|rest| rest.split('/').next());
    let port = authority
        .and_then(|authority| authority.rsplit(':').next())
        .and_then(|port| port.parse().ok());
    port.with_context(|| format!("{address} has no port"))
}

fn secret(plane: &ControlPlane, name: &str, entries: &[(&str, &str)]) -> Result<()> {
    let literals: Vec<String> = entries
        .iter()
        .map(|(key, value)| format!("--from-literal={key}={value}"))
        .collect();
    let mut words = vec![
        "--namespace",
        super::release::NAMESPACE,
        "create",
        "secret",
        "generic",
        name,
    ];
    words.extend(literals.iter().map(String::as_str));
    plane.ask(&words, "").map(drop)
}
