//! A container's variables.

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use serde_json::Value;

use super::pod::Pod;
use crate::cluster::Api;

/// Those of `envFrom`, then those of `env`, which go before.
pub(super) async fn of(api: &Api, pod: &Pod, container: &Value, address: &str) -> Result<Vec<(String, String)>> {
    let mut variables = Vec::new();
    for source in container["envFrom"].as_array().into_iter().flatten() {
        for (kind, of) in [
            ("configmaps", &source["configMapRef"]),
            ("secrets", &source["secretRef"]),
        ] {
            if let Some(name) = of["name"].as_str() {
                variables.extend(entries(api, pod, kind, name).await?);
            }
        }
    }
    for variable in container["env"].as_array().into_iter().flatten() {
        let name = variable["name"].as_str().context("a variable has a name")?;
        let from = &variable["valueFrom"];
        let value = if from.is_null() {
            variable["value"].as_str().unwrap_or_default().to_owned()
        } else if from["secretKeyRef"].is_object() {
            entry(api, pod, "secrets", &from["secretKeyRef"]).await?
        } else if from["configMapKeyRef"].is_object() {
            entry(api, pod, "configmaps", &from["configMapKeyRef"]).await?
        } else {
            match from["fieldRef"]["fieldPath"].as_str() {
                Some("status.podIP") => address.to_owned(),
                Some("metadata.name") => pod.name().to_owned(),
                Some("metadata.namespace") => pod.namespace().to_owned(),
                _ => bail!("the agent does not know where {name} comes from: {from}"),
            }
        };
        variables.push((name.to_owned(), value));
    }
    Ok(variables)
}

async fn entry(api: &Api, pod: &Pod, kind: &str, reference: &Value) -> Result<String> {
    let name = reference["name"].as_str().context("a reference has a name")?;
    let key = reference["key"].as_str().context("a reference has a key")?;
    let found = entries(api, pod, kind, name)
        .await?
        .into_iter()
        .find(|(there, _)| there == key);
    Ok(found.with_context(|| format!("{kind} {name} has no key {key}"))?.1)
}

/// What a ConfigMap or a Secret holds.
pub(super) async fn entries(api: &Api, pod: &Pod, kind: &str, name: &str) -> Result<Vec<(String, String)>> {
    let object = api
        .get(&format!("/api/v1/namespaces/{}/{kind}/{name}", pod.namespace()))
        .await?;
    let data = object["data"].as_object().into_iter().flatten();
    data.map(|(key, value)| {
        let text = value.as_str().unwrap_or_default();
        let text = match kind {
            "secrets" => String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text)?)?,
            _ => text.to_owned(),
        };
        Ok((key.clone(), text))
    })
    .collect()
}
