//! The OpenAPI document says what is served, and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use velatura_coordinator::Access;

use crate::bench::Setup;

/// The document itself, which is no rpc.
const ITSELF: &str = "/v1/openapi.json";

#[tokio::test]
async fn every_route_of_the_document_is_served_and_wants_a_key() {
    let mut setup = Setup::new().await;
    setup.config.access = Access::Keys;
    let bench = setup.start().await;
    let document: Value = bench.client.read(ITSELF).await;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = path.replace(['{', '}'], "");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let answer = bench.client.send(method, &path, Some("application/json"), "{}").await;
            let expected = match operations.get(method.to_lowercase()) {
                Some(_) => (401, "key-missing".to_owned()),
                None => (405, "method-not-allowed".to_owned()),
            };
            assert_eq!(answer.error(), expected, "{method} {path}");
        }
    }
}

#[test]
fn every_route_that_is_served_is_in_the_document() {
    let document: Value = serde_json::from_str(velatura_proto::OPENAPI).unwrap();
    let written: BTreeSet<&str> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut text = std::fs::read_to_string(src.join("rest.rs")).unwrap();
    for file in std::fs::read_dir(src.join("rest")).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            text += &std::fs::read_to_string(path).unwrap();
        }
    }
    let served: BTreeSet<&str> = text
        .split(".route(")
        .skip(1)
        .map(|rest| rest.split('"').nth(1).unwrap())
        .filter(|path| *path != ITSELF)
        .collect();
    assert_eq!(served, written);
}
