//! From what Kubernetes, KEDA and the Prometheus Operator publish about their objects to schemas that forgive nothing.
//!
//! The published descriptions leave objects open: a field that nobody knows passes. Here every object with named fields
//! is closed, so that a misspelt field is an error as a missing or wrongly typed one is.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

/// Keys under which further schemas lie, one or several.
const NESTED: [&str; 6] = ["items", "additionalProperties", "not", "allOf", "anyOf", "oneOf"];

/// Writes one schema a kind: `k8s/<kind>-<group>-<version>.json` from `swagger.json`, `crds/<group>/<kind>_<version>.json`
/// from the CustomResourceDefinitions beside it.
///
/// # Errors
/// When the descriptions can't be read, or the schemas not be written.
pub fn write_schemas(from: &Path, to: &Path) -> Result<()> {
    let swagger = from.join("swagger.json");
    let text =
        fs::read(&swagger).with_context(|| format!("can't read {}: run `cargo xtask setup`", swagger.display()))?;
    let mut swagger: Value = serde_json::from_slice(&text)?;
    let definitions = swagger["definitions"].take();
    built_in(
        definitions.as_object().context("swagger.json has no definitions")?,
        &to.join("k8s"),
    )?;
    for entry in fs::read_dir(from.join("crds"))? {
        let path = entry?.path();
        custom(&path, &to.join("crds")).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn built_in(definitions: &Map<String, Value>, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let closed: Map<String, Value> = definitions
        .iter()
        .map(|(name, schema)| (name.clone(), close(schema)))
        .collect();
    for (name, schema) in definitions {
        let kinds = schema["x-kubernetes-group-version-kind"].as_array();
        for kind in kinds.into_iter().flatten() {
            let text = |key: &str| kind[key].as_str().unwrap_or_default();
            let mut root = closed[name].clone();
            if root["properties"]["kind"].is_null() {
                continue;
            }
            let version = [text("group"), text("version")]
                .into_iter()
                .filter(|part| !part.is_empty());
            identify(&mut root, &version.collect::<Vec<_>>().join("/"), text("kind"));
            let group = text("group").split('.').next().filter(|group| !group.is_empty());
            let group = group.map_or(String::new(), |group| format!("{group}-"));
            let file = format!("{}-{group}{}.json", text("kind").to_lowercase(), text("version"));
            fs::write(to.join(file), serde_json::to_vec(&root)?)?;
        }
    }
    Ok(fs::write(
        to.join("_definitions.json"),
        serde_json::to_vec(&json!({ "definitions": closed }))?,
    )?)
}

fn custom(definition: &Path, to: &Path) -> Result<()> {
    let text = fs::read_to_string(definition)?;
    let options = serde_saphyr::options! { budget: None };
    let documents: Vec<Value> = serde_saphyr::from_multiple_with_options(&text, options)?;
    for document in documents {
        let spec = &document["spec"];
        let group = spec["group"].as_str().context("it has no group")?;
        let kind = spec["names"]["kind"].as_str().context("it has no kind")?;
        fs::create_dir_all(to.join(group))?;
        for version in spec["versions"].as_array().into_iter().flatten() {
            let name = version["name"].as_str().context("a version has no name")?;
            let mut root = close(&version["schema"]["openAPIV3Schema"]);
            root["properties"]["metadata"] = json!({ "type": "object" });
            identify(&mut root, &format!("{group}/{name}"), kind);
            let file = to.join(group).join(format!("{}_{name}.json", kind.to_lowercase()));
            fs::write(file, serde_json::to_vec(&root)?)?;
        }
    }
    Ok(())
}

/// An object says what it is.
fn identify(root: &mut Value, version: &str, kind: &str) {
    root["properties"]["apiVersion"] = json!({ "enum": [version] });
    root["properties"]["kind"] = json!({ "enum": [kind] });
    let mut required: Vec<Value> = root["required"].as_array().cloned().unwrap_or_default();
    for key in ["apiVersion", "kind", "metadata"] {
        if !required.iter().any(|there| there == key) {
            required.push(key.into());
        }
    }
    root["required"] = required.into();
}

/// A schema whose objects have the fields that are named, and no others.
fn close(schema: &Value) -> Value {
    match schema {
        Value::Array(several) => several.iter().map(close).collect(),
        Value::Object(schema) => close_object(schema),
        other => other.clone(),
    }
}

fn close_object(schema: &Map<String, Value>) -> Value {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = name.rsplit('/').next().unwrap_or(name);
        return json!({ "$ref": format!("_definitions.json#/definitions/{name}") });
    }
    let says = |key: &str| schema.get(key) == Some(&Value::Bool(true));
    if schema.get("format").is_some_and(|format| format == "int-or-string") || says("x-kubernetes-int-or-string") {
        return json!({ "anyOf": [{ "type": "integer" }, { "type": "string" }] });
    }
    let mut closed = schema.clone();
    for key in NESTED {
        if let Some(nested) = closed.get_mut(key) {
            *nested = close(nested);
        }
    }
    if let Some(properties) = closed.get_mut("properties").and_then(Value::as_object_mut) {
        for nested in properties.values_mut() {
            *nested = close(nested);
        }
        if !says("x-kubernetes-preserve-unknown-fields") {
            closed.entry("additionalProperties").or_insert(Value::Bool(false));
        }
    }
    closed.into()
}
