//! What the chart says to the binary, asked of the binary itself.

use std::fs;

use serde_json::Value;
use velatura_e2e::velatura_command;
use velatura_kubernetes::chart::{Object, Objects, cases};

use crate::rendered;

#[test]
fn the_binary_reads_every_configuration_and_variable() {
    for (name, _) in cases() {
        let objects = rendered(&name);
        for workload in ours(&objects) {
            let (text, _) = objects.configuration(workload).unwrap();
            let said = checked(&text, &variables(workload));
            assert!(said.is_ok(), "{name}, {}: {said:?}\n{text}", workload.title());
        }
    }
    let said = checked("[worker]\nin_flihgt = 3", &[]).unwrap_err();
    assert!(said.contains("in_flihgt"), "{said}");
    let said = checked("", &[("VELATURA_QUEUE__URL".to_owned(), "amqp://broker".to_owned())]).unwrap_err();
    assert!(said.contains("url"), "{said}");
}

#[test]
fn every_word_and_flag_of_a_container_is_known_to_the_binary() {
    for (name, _) in cases() {
        for workload in ours(&rendered(&name)) {
            for (_, container) in workload.containers() {
                let words = strings(&container["args"]);
                let said = help(&words).unwrap_or_else(|said| panic!("{name}, {}: {said}", workload.title()));
                for flag in words.iter().filter(|word| word.starts_with("--")) {
                    let flag = flag.split('=').next().unwrap_or(flag);
                    assert!(said.contains(flag), "{name}, {}: {flag}", workload.title());
                }
            }
        }
    }
    assert!(help(&["coordinate".to_owned()]).is_err());
}

fn ours(objects: &Objects) -> impl Iterator<Item = &Object> {
    objects
        .workloads()
        .filter(|workload| !workload.component().starts_with("tryout"))
}

/// Variables of a workload that belong to the configuration, with values of the right form for those from Secrets.
fn variables(workload: &Object) -> Vec<(String, String)> {
    let all = workload
        .containers()
        .into_iter()
        .flat_map(|(_, container)| container["env"].as_array().into_iter().flatten());
    let set = all.filter_map(|variable| {
        let name = variable["name"]
            .as_str()
            .filter(|name| name.starts_with("VELATURA_") && *name != "VELATURA_CONFIG")?;
        let value = match name {
            "VELATURA_QUEUE__URLS" => "amqp://user:password@one:5672/%2f,amqp://user:password@two:5672/%2f",
            "VELATURA_QUEUE__MANAGEMENT_URL" => "http://user:password@broker:15672",
            "VELATURA_LEDGER__URL" => "postgres://user:password@ledger/velatura",
            _ => "text",
        };
        Some((name.to_owned(), value.to_owned()))
    });
    set.collect()
}

fn checked(configuration: &str, variables: &[(String, String)]) -> Result<(), String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), configuration).unwrap();
    let mut command = velatura_command();
    command.arg("--config").arg(file.path()).args(["config", "--check"]);
    let output = command.envs(variables.iter().cloned()).output().unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// The help of a role, once with its subcommand.
fn help(words: &[String]) -> Result<String, String> {
    let roles = words.iter().take_while(|word| !word.starts_with("--")).take(2);
    let output = velatura_command().args(roles).arg("--help").output().unwrap();
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

fn strings(list: &Value) -> Vec<String> {
    let words = list.as_array().into_iter().flatten();
    words
        .map(|word| word.as_str().expect("words are text").to_owned())
        .collect()
}
