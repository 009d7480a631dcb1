//! The exporter's own key, where the coordinator beside it asks for one: made at the first start, and kept beside the ledger,
//! which nobody else may read either.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use velatura_coordinator::Host;
use velatura_ledger::Ledger;
use velatura_proto::v1;

/// The key of an earlier start, or a new one if it is no longer good.
pub(super) async fn of_exporter(ledger: &Arc<dyn Ledger>, data: &Path) -> Result<String> {
    let path = data.join("exporter.key");
    if let Ok(text) = fs::read_to_string(&path) {
        let secret = text.trim();
        if is_good(ledger, secret).await? {
            return Ok(secret.to_owned());
        }
    }
    let request = v1::CreateKeyRequest {
        roles: vec!["monitor".to_owned()],
        description: "the exporter of velatura up".to_owned(),
        ..v1::CreateKeyRequest::default()
    };
    let created = Host::new(Arc::clone(ledger)).create_key(&request).await?;
    let keep = || {
        let mut file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)?;
        file.write_all(created.secret.as_bytes())
    };
    keep().with_context(|| format!("can't write {}", path.display()))?;
    Ok(created.secret)
}

/// Whether the ledger has it, and nobody has taken it back.
async fn is_good(ledger: &Arc<dyn Ledger>, secret: &str) -> Result<bool> {
    let id = secret.split('_').nth(1).unwrap_or_default();
    Ok(ledger.key(id).await?.is_some_and(|key| key.revoked_at.is_none()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[tokio::test]
    async fn a_key_is_made_once_and_anew_when_it_is_taken_back() {
        let folder = tempfile::TempDir::new().unwrap();
        let ledger = velatura_ledger::connect("sqlite::memory:").await.unwrap();
        let first = of_exporter(&ledger, folder.path()).await.unwrap();
        assert_eq!(of_exporter(&ledger, folder.path()).await.unwrap(), first);
        let keys = ledger.keys().await.unwrap();
        assert_eq!((keys.len(), keys[0].roles.as_slice()), (1, &["monitor".to_owned()][..]));
        ledger.revoke_key(&keys[0].id, 1).await.unwrap();
        assert_ne!(of_exporter(&ledger, folder.path()).await.unwrap(), first);
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &fs::metadata(folder.path().join("exporter.key")).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
    }
}
