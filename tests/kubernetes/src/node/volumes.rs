//! A Pod's volumes as folders.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::environment::entries;
use super::pod::Pod;
use crate::cluster::Api;

/// Makes them below a folder; by name.
pub(super) async fn make(api: &Api, pod: &Pod, below: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut made = BTreeMap::new();
    let group = pod.security("fsGroup");
    for volume in pod.list("/spec/volumes") {
        let name = volume["name"].as_str().context("a volume has a name")?;
        let folder = below.join(name);
        fs::create_dir_all(&folder)?;
        if let Some(map) = volume["configMap"]["name"].as_str() {
            fill(&folder, entries(api, pod, "configmaps", map).await?, 0o444, group)?;
        } else if let Some(secret) = volume["secret"]["secretName"].as_str() {
            let found = chosen(entries(api, pod, "secrets", secret).await?, &volume["secret"]["items"])?;
            fill(&folder, found, 0o440, group)?;
        } else if volume["emptyDir"].is_object() {
            chown(&folder, None, Some(group))?;
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o2775))?;
        } else {
            bail!("the agent does not know this volume: {volume}");
        }
        made.insert(name.to_owned(), folder);
    }
    Ok(made)
}

/// Of a Secret's entries those that a volume names, as it calls them; all where it names none.
fn chosen(entries: Vec<(String, String)>, items: &Value) -> Result<Vec<(String, String)>> {
    let Some(items) = items.as_array() else {
        return Ok(entries);
    };
    let one = |item: &Value| {
        let found = entries.iter().find(|(key, _)| item["key"] == **key);
        let path = item["path"].as_str().context("an item has a path")?;
        Ok((
            path.to_owned(),
            found
                .with_context(|| format!("there is no key {}", item["key"]))?
                .1
                .clone(),
        ))
    };
    items.iter().map(one).collect()
}

fn fill(folder: &Path, entries: Vec<(String, String)>, mode: u32, group: u32) -> Result<()> {
    for (key, text) in entries {
        let file = folder.join(key);
        fs::write(&file, text)?;
        chown(&file, None, Some(group))?;
        fs::set_permissions(&file, fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}
