//! The keys that values may have, made of their schema, for the template that refuses others.
//!
//! The schema could refuse them itself, but only in Helm's words, which say no remedy.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::config::OF_THE_CHART;

/// Under `keys`, as the values are nested: an object of the keys that there may be, a list of one such object, or `true`
/// for what the chart does not look into. Under `instead`, for keys of `config` that the chart decides itself, the values
/// that decide them.
///
/// # Errors
/// When a reference of the schema leads nowhere.
pub(super) fn known(schema: &Value) -> Result<Value> {
    let instead: serde_json::Map<_, _> = OF_THE_CHART
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)))
        .collect();
    Ok(json!({ "instead": instead, "keys": keys(schema, schema)? }))
}

fn keys(root: &Value, schema: &Value) -> Result<Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        let place = reference.strip_prefix('#').context("references stay in the file")?;
        let there = root
            .pointer(place)
            .with_context(|| format!("{reference} leads nowhere"))?;
        return keys(root, there);
    }
    if let Some(properties) = schema["properties"].as_object() {
        let known = properties
            .iter()
            .map(|(key, schema)| Ok((key.clone(), keys(root, schema)?)));
        return Ok(Value::Object(known.collect::<Result<_>>()?));
    }
    Ok(match schema.get("items").map(|items| keys(root, items)).transpose()? {
        Some(item) if item.is_object() => json!([item]),
        _ => json!(true),
    })
}
