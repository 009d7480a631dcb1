//! The OpenAPI document, and its copy for those who read the repository.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use serde_json::Value;
use velatura_proto::OPENAPI;

const COPY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

#[test]
fn the_copy_in_docs_is_what_is_served() {
    if std::env::var_os("VELATURA_WRITE_OPENAPI").is_some() {
        std::fs::write(COPY, OPENAPI).unwrap();
    }
    let copy = std::fs::read_to_string(COPY).unwrap_or_default();
    assert!(
        copy == OPENAPI,
        "docs/openapi.json is not what proto/ says: VELATURA_WRITE_OPENAPI=1 cargo test -p velatura-proto --test openapi"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
    }
}

#[test]
fn every_rpc_of_a_public_service_is_a_route() {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    let routes: BTreeSet<&str> = paths
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto/velatura/v1");
    let mut rpcs = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("rpc ")) {
            let name = line.split('(').next().unwrap();
            assert!(
                routes.contains(name),
                "the comment of rpc {name} does not begin with its route"
            );
            rpcs += 1;
        }
    }
    assert_eq!(routes.len(), rpcs);
}
