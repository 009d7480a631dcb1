//! Certificates of an authority that nobody but a test knows.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

/// An authority and one server's certificate by it, as files that are gone when this is dropped.
#[derive(Debug)]
pub struct Authority {
    folder: TempDir,
}

impl Authority {
    /// Makes the keys and the files, for a server at `localhost` and `127.0.0.1`.
    pub fn new() -> Result<Self> {
        Self::of_server(&["localhost", "127.0.0.1"])
    }

    /// The same for a server that has other names.
    pub fn of_server(names: &[&str]) -> Result<Self> {
        let folder = TempDir::with_prefix("velatura-tls-")?;
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params
            .distinguished_name
            .push(DnType::CommonName, "An authority for tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key)?;
        let issuer = Issuer::new(params, key);
        let server_key = KeyPair::generate()?;
        let server = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
        let server = server.signed_by(&server_key, &issuer)?;
        let authority = Self { folder };
        fs::write(authority.ca_file(), certificate.pem())?;
        fs::write(authority.certificate_file(), server.pem())?;
        fs::write(authority.key_file(), server_key.serialize_pem())?;
        // Servers run by other users read them too; PostgreSQL gets a copy of its own.
        fs::set_permissions(authority.folder.path(), fs::Permissions::from_mode(0o755))?;
        Ok(authority)
    }

    /// What vouches for the server.
    pub fn ca_file(&self) -> PathBuf {
        self.file("ca.pem")
    }

    /// What the server shows.
    pub fn certificate_file(&self) -> PathBuf {
        self.file("server.pem")
    }

    /// The server's key.
    pub fn key_file(&self) -> PathBuf {
        self.file("server-key.pem")
    }

    fn file(&self, name: &str) -> PathBuf {
        Path::new(self.folder.path()).join(name)
    }
}
