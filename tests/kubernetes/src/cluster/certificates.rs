//! One authority, a certificate for the server, one for the API server towards others, and a key for accounts.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Files in a folder, and the administrator's token.
#[derive(Debug)]
pub(super) struct Certificates {
    folder: PathBuf,
    token: String,
}

impl Certificates {
    pub(super) fn make(folder: &Path) -> Result<Self> {
        let this = Self {
            folder: folder.to_owned(),
            token: this_time_only()?,
        };
        let new = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        this.openssl(&format!(
            "{new} -x509 -days 2 -keyout ca.key -out ca.crt -subj /CN=velatura-tests"
        ))?;
        std::fs::write(
            folder.join("names"),
            "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc",
        )?;
        for (file, name) in [("server", "kube-apiserver"), ("proxy", "front-proxy-client")] {
            this.openssl(&format!("{new} -keyout {file}.key -out {file}.csr -subj /CN={name}"))?;
            this.openssl(&format!(
                "x509 -req -in {file}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out {file}.crt -extfile names"
            ))?;
        }
        this.openssl("ecparam -name prime256v1 -genkey -noout -out accounts.key")?;
        this.openssl("ec -in accounts.key -pubout -out accounts.pub")?;
        Ok(this)
    }

    pub(super) fn kubeconfig(&self, port: u16) -> String {
        let (authority, token) = (self.folder.join("ca.crt"), &self.token);
        format!(
            "apiVersion: v1\nkind: Config\n\
             clusters: [{{name: t, cluster: {{server: \"https://127.0.0.1:{port}\", certificate-authority: \"{}\"}}}}]\n\
             users: [{{name: t, user: {{token: \"{token}\"}}}}]\n\
             contexts: [{{name: t, context: {{cluster: t, user: t}}}}]\ncurrent-context: t\n",
            authority.display()
        )
    }

    pub(super) fn tokens(&self) -> String {
        format!("{},admin,admin,system:masters\n", self.token)
    }

    fn openssl(&self, words: &str) -> Result<()> {
        let output = Command::new("openssl")
            .args(words.split(' '))
            .current_dir(&self.folder)
            .output()
            .context("openssl does not start: is it installed?")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "openssl {words}: {said}");
        Ok(())
    }
}

fn this_time_only() -> Result<String> {
    Ok(std::fs::read_to_string("/proc/sys/kernel/random/uuid")?
        .trim()
        .to_owned())
}
