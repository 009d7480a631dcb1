//! Objects of Kubernetes, as JSON.

use anyhow::{Context as _, Result};
use serde_json::Value;

/// One object.
#[derive(Debug, Clone, PartialEq)]
pub struct Object(pub Value);

/// The objects of a manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Objects(pub Vec<Object>);

/// The kinds that make Pods.
const WORKLOADS: [&str; 3] = ["Deployment", "StatefulSet", "Job"];

impl Object {
    /// What is at a JSON pointer; null where nothing is.
    pub fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The text at a JSON pointer; empty where there is none.
    pub fn text(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_default()
    }

    /// Its kind.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// Kind and name, for messages.
    pub fn title(&self) -> String {
        format!("{} {}", self.kind(), self.name())
    }

    /// The component it belongs to.
    pub fn component(&self) -> &str {
        self.text("/metadata/labels/app.kubernetes.io~1component")
    }

    /// Its containers, those that go before included, each with its place.
    pub fn containers(&self) -> Vec<(&'static str, &Value)> {
        ["initContainers", "containers"]
            .into_iter()
            .flat_map(|list| {
                let containers = self.at(&format!("/spec/template/spec/{list}")).as_array();
                containers.into_iter().flatten().map(move |container| (list, container))
            })
            .collect()
    }
}

impl Objects {
    /// Parses a manifest of several documents.
    ///
    /// # Errors
    /// When it is no YAML.
    pub fn parse(manifest: &str) -> Result<Self> {
        let documents: Vec<Value> = serde_saphyr::from_multiple(manifest)?;
        let mut objects: Vec<Object> = documents.into_iter().map(Object).collect();
        objects.retain(|object| !object.0.is_null());
        Ok(Self(objects))
    }

    /// Those of a kind.
    pub fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        self.0.iter().filter(move |object| object.kind() == kind)
    }

    /// Those that make Pods.
    pub fn workloads(&self) -> impl Iterator<Item = &Object> {
        self.0.iter().filter(|object| WORKLOADS.contains(&object.kind()))
    }

    /// One of them.
    ///
    /// # Errors
    /// When there is none.
    pub fn get(&self, kind: &str, name: &str) -> Result<&Object> {
        let mut objects = self.0.iter();
        objects
            .find(|object| object.kind() == kind && object.name() == name)
            .with_context(|| format!("there is no {kind} {name}"))
    }

    /// The velatura.toml that a workload's Pods read, as text and parsed.
    ///
    /// # Errors
    /// When it has none, or it is no TOML.
    pub fn configuration(&self, workload: &Object) -> Result<(String, toml::Table)> {
        let volumes = workload.at("/spec/template/spec/volumes").as_array();
        let config = volumes.into_iter().flatten().find(|volume| volume["name"] == "config");
        let name = config
            .and_then(|volume| volume["configMap"]["name"].as_str())
            .context("it has no volume with the configuration")?;
        let text = self.get("ConfigMap", name)?.text("/data/velatura.toml").to_owned();
        let parsed = text
            .parse()
            .with_context(|| format!("velatura.toml of {name}:\n{text}"))?;
        Ok((text, parsed))
    }
}
