//! Keys of the configuration and variables that are written down exist.

use std::collections::BTreeSet;

use clap::CommandFactory as _;

use super::{documents, files, markdown, nothing, root};
use crate::Cli;
use crate::config::{Config, SAMPLE};

/// Every key, by section and name; those that the sample has as comments, too.
fn keys() -> BTreeSet<String> {
    let said = |line: &str| -> String {
        let example = line.strip_prefix("# ").filter(|rest| is_setting(rest));
        example.unwrap_or(line).to_owned()
    };
    let text: Vec<String> = SAMPLE.lines().map(said).collect();
    let table: toml::Table = text.join("\n").parse().unwrap();
    let mut keys = BTreeSet::new();
    flatten("", &table, &mut keys);
    keys
}

fn is_setting(line: &str) -> bool {
    line.split_once(" = ")
        .is_some_and(|(name, _)| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'))
}

fn flatten(above: &str, table: &toml::Table, keys: &mut BTreeSet<String>) {
    for (name, value) in table {
        let key = format!("{above}{name}");
        match value {
            toml::Value::Table(below) => flatten(&format!("{key}."), below, keys),
            _ => {
                keys.insert(key);
            }
        }
    }
}

/// Whether a piece of code that looks like a key is one.
fn check_key(code: &str, keys: &BTreeSet<String>) -> Result<(), String> {
    let key = code.split(" = ").next().unwrap_or_default();
    let named = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '_' | '.');
    let section = key.split('.').next().unwrap_or_default();
    let looks = key.contains('.')
        && key.chars().all(named)
        && keys.iter().any(|known| known.starts_with(&format!("{section}.")));
    if !looks
        || keys.contains(key)
        || std::path::Path::new(key)
            .extension()
            .is_some_and(|end| end == "db" || end == "rs")
    {
        return Ok(());
    }
    Err(format!("there is no key {key}"))
}

fn check_variable(name: &str, keys: &BTreeSet<String>) -> Result<(), String> {
    let rest = name.trim_start_matches("VELATURA_");
    let known = if rest.contains("__") {
        keys.contains(&rest.to_lowercase().replace("__", "."))
    } else {
        variables().contains(name)
    };
    if known {
        Ok(())
    } else {
        Err(format!("there is no variable {name}"))
    }
}

/// The variables that stand for flags.
fn variables() -> BTreeSet<String> {
    fn collect(command: &clap::Command, into: &mut BTreeSet<String>) {
        into.extend(
            command
                .get_arguments()
                .filter_map(|argument| Some(argument.get_env()?.to_str()?.to_owned())),
        );
        command.get_subcommands().for_each(|below| collect(below, into));
    }
    let mut variables = BTreeSet::new();
    collect(&Cli::command(), &mut variables);
    variables
}

/// Every `VELATURA_…` in a text.
fn mentioned(text: &str) -> Vec<String> {
    let letter = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    let words = text
        .split(|c: char| !letter(c))
        .filter(|word| word.starts_with("VELATURA_") && word.len() > 9);
    // Kubernetes makes such links; they are mentioned to be ignored. A name that ends in _ is a prefix.
    words
        .filter(|word| !word.ends_with("_SERVICE_HOST") && !word.ends_with('_'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn keys_in_the_documentation_exist() {
    let keys = keys();
    let mut wrong = Vec::new();
    for (path, text) in documents() {
        let code = markdown::code(&text);
        wrong.extend(
            code.iter()
                .filter_map(|code| Some(format!("{}: {}", path.display(), check_key(code, &keys).err()?))),
        );
    }
    nothing(&wrong);
}

#[test]
fn variables_in_documentation_deployment_and_chart_exist() {
    let keys = keys();
    let texts = [
        documents(),
        files(&["deploy"], "yaml"),
        files(&["deploy"], "Dockerfile"),
        files(&["helm/velatura/templates"], ""),
    ];
    let mut wrong = Vec::new();
    for (path, text) in texts.into_iter().flatten() {
        let mentioned = mentioned(&text);
        wrong.extend(
            mentioned
                .iter()
                .filter_map(|name| Some(format!("{}: {}", path.display(), check_variable(name, &keys).err()?))),
        );
    }
    nothing(&wrong);
}

#[test]
fn the_tryouts_configuration_is_one() {
    Config::load(Some(&root().join("deploy/tryout/velatura.toml"))).unwrap();
}

#[test]
fn a_key_or_variable_that_does_not_exist_is_found() {
    let keys = keys();
    assert!(
        keys.contains("worker.pipeline.budget_pixels") && keys.contains("queue.management_url"),
        "{keys:?}"
    );
    assert!(check_key("worker.in_flihgt", &keys).is_err());
    assert_eq!(check_key("coordinator.window_tasks = 5000", &keys), Ok(()));
    assert_eq!(check_key("config.rs", &keys), Ok(()));
    assert!(check_variable("VELATURA_WORKER__IN_FLIHGT", &keys).is_err());
    assert!(check_variable("VELATURA_CONFIGURATION", &keys).is_err());
    assert_eq!(check_variable("VELATURA_CONFIG", &keys), Ok(()));
    assert_eq!(
        mentioned("`VELATURA_LEDGER__URL=x`, VELATURA_* and VELATURA_X_SERVICE_HOST"),
        ["VELATURA_LEDGER__URL"]
    );
}
