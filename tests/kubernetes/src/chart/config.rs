//! The schema of `config` in the values, made from the binary's own sample: what the file may say, the values may say.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

/// What the chart decides itself, for it belongs to addresses, pools and Secrets: not to be said under `config`. And what
/// decides it, if anything of the values does.
pub(super) const OF_THE_CHART: [(&str, &str); 22] = [
    ("engine.pack", "the pack of pools, or poolDefaults.pack"),
    ("engine.device", "the device of a pool, or poolDefaults.device"),
    ("objects.s3.access_key_id", "objects.existingSecret"),
    ("objects.s3.secret_access_key", "objects.existingSecret"),
    ("queue.urls", "broker.existingSecret"),
    ("queue.management_url", "broker.keys.managementUrl"),
    ("ledger.url", "ledger.existingSecret"),
    ("coordinator.listen", ""),
    ("coordinator.grpc_listen", ""),
    ("coordinator.allow_unauthenticated_remote", "config.coordinator.access"),
    ("coordinator.pool", "queuePool"),
    ("coordinator.reclaim_at_start", ""),
    ("coordinator.tls_certificate", "coordinator.tls.existingSecret"),
    ("coordinator.tls_key", "coordinator.tls.existingSecret"),
    ("worker.listen", ""),
    ("worker.pool", "queuePool"),
    ("exporter.listen", ""),
    ("exporter.coordinator_url", ""),
    ("exporter.api_key", "exporter.existingSecret"),
    ("exporter.pool", "queuePool"),
    ("exporter.min_workers", "the fewest workers of pools"),
    ("exporter.max_workers", "the most workers of pools"),
];

/// A JSON schema of the sample's sections and keys, with its comments as descriptions.
///
/// # Errors
/// When the sample has a line that is no TOML.
pub(super) fn config_schema(sample: &str) -> Result<Value> {
    let mut root = table();
    let (mut section, mut comment) = (Vec::<String>::new(), String::new());
    for line in sample.lines() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.split('.').map(str::to_owned).collect();
            place(&mut root, &section);
            comment.clear();
            continue;
        }
        // A key that is left out by default stands behind a comment sign.
        let entry = line.strip_prefix("# ").filter(|rest| is_entry(rest)).unwrap_or(line);
        if let Some(text) = entry.strip_prefix('#') {
            comment = format!("{comment} {}", text.trim()).trim().to_owned();
            continue;
        }
        let Some((key, value)) = entry.split_once(" = ") else {
            comment.clear();
            continue;
        };
        let mut path = section.clone();
        path.push(key.to_owned());
        if !is_of_the_chart(&path.join(".")) {
            let mut schema = kind(value).with_context(|| format!("{}: {value}", path.join(".")))?;
            if !comment.is_empty() {
                schema["description"] = comment.clone().into();
            }
            place(&mut root, &section)["properties"][key] = schema;
        }
        comment.clear();
    }
    prune(&mut root);
    Ok(root)
}

fn is_of_the_chart(path: &str) -> bool {
    OF_THE_CHART.iter().any(|(known, _)| *known == path)
}

fn is_entry(text: &str) -> bool {
    let is_key = |key: &str| {
        !key.is_empty()
            && key
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    text.split_once(" = ")
        .is_some_and(|(key, value)| is_key(key) && kind(value).is_ok())
}

fn kind(value: &str) -> Result<Value> {
    let parsed: toml::Table = format!("value = {value}").parse()?;
    Ok(match &parsed["value"] {
        toml::Value::Boolean(_) => json!({ "type": "boolean" }),
        toml::Value::Integer(_) => json!({ "type": "integer" }),
        toml::Value::Float(_) => json!({ "type": "number" }),
        toml::Value::Array(_) => json!({ "type": "array", "items": { "type": ["string", "number", "boolean"] } }),
        toml::Value::String(_) | toml::Value::Datetime(_) => json!({ "type": "string" }),
        toml::Value::Table(_) => json!({ "type": "object" }),
    })
}

fn table() -> Value {
    json!({ "type": "object", "properties": {} })
}

fn place<'a>(root: &'a mut Value, section: &[String]) -> &'a mut Value {
    section.iter().fold(root, |table_of, name| {
        let properties = &mut table_of["properties"];
        if properties[name].is_null() {
            properties[name] = table();
        }
        &mut properties[name]
    })
}

/// Sections in which nothing may be said are none.
fn prune(table: &mut Value) {
    let Some(properties) = table.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    properties.values_mut().for_each(prune);
    let empty = |value: &Value| value["properties"].as_object().is_some_and(Map::is_empty);
    properties.retain(|_, value| !empty(value));
}
