use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::shown;
use crate::run::quietly;
use crate::setup::{linter, promtool};

/// What a shell runs. Left out: files of the system that are sourced, and `$` that is meant for another program.
const SCRIPTS: [&str; 5] = [
    "--severity=info",
    "--exclude=SC1091,SC2016",
    "deploy/onnxruntime/fetch.sh",
    "tests/testkit/rabbitmq-versions.sh",
    "tests/testkit/s3-server.sh",
];

/// One tool over some files.
pub(super) struct Check {
    pub(super) name: &'static str,
    /// A file, what stands there, and a mistake to put in its place.
    pub(super) mistake: (&'static str, &'static str, &'static str),
    /// What the tool says of the mistake.
    pub(super) says: &'static str,
    run: fn(&Path) -> Result<()>,
}

impl Check {
    /// An error when the tool finds something below this root.
    pub(super) fn run(&self, root: &Path) -> Result<()> {
        (self.run)(root)
    }
}

pub(super) fn all() -> Vec<Check> {
    vec![
        Check {
            name: "Dockerfile (hadolint)",
            mistake: ("deploy/Dockerfile", "USER 10001:10001", "RUN cd /tmp"),
            says: "DL3003",
            run: |root| {
                tool(
                    root,
                    "hadolint",
                    &["--config", "deploy/hadolint.yaml", "deploy/Dockerfile"],
                )
            },
        },
        Check {
            name: "compose.yaml (schema of the Compose specification)",
            mistake: ("deploy/compose.yaml", "depends_on:", "depend_on:"),
            says: "depend_on",
            run: |root| {
                let arguments = ["--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml"];
                tool(root, "check-jsonschema", &arguments)
            },
        },
        Check {
            name: "YAML (yamllint)",
            mistake: ("deploy/compose.yaml", "name: velatura", "name: velatura\nname: twice"),
            says: "duplication of key",
            run: |root| {
                tool(
                    root,
                    "yamllint",
                    &["--strict", "--config-file", "deploy/yamllint.yaml", "deploy"],
                )
            },
        },
        Check {
            name: "scripts (shellcheck)",
            mistake: ("deploy/onnxruntime/fetch.sh", "dirname \"$0\"", "dirname $0"),
            says: "SC2086",
            run: |root| tool(root, "shellcheck", &SCRIPTS),
        },
        Check {
            name: "scrape configuration (promtool)",
            mistake: ("deploy/prometheus/prometheus.yml", "scrape_configs:", "scrape_config:"),
            says: "scrape_config",
            run: |root| prometheus(root, &["check", "config", "deploy/prometheus/prometheus.yml"]),
        },
        Check {
            name: "alerts fire and hold still as they should (promtool)",
            mistake: ("deploy/prometheus/velatura.rules.yml", "> 0.1", "> 0.9"),
            says: "VelaturaFailureShare",
            run: |root| prometheus(root, &["test", "rules", "deploy/prometheus/velatura.test.yml"]),
        },
        Check {
            name: "expressions of the dashboards (promtool)",
            mistake: (
                "deploy/grafana/velatura-fleet.json",
                "sum(velatura_backlog_tasks)",
                "sum(velatura_backlog_tasks",
            ),
            says: "parse error",
            run: expressions,
        },
    ]
}

fn tool(root: &Path, name: &str, arguments: &[&str]) -> Result<()> {
    quietly(Command::new(linter(name)?).current_dir(root).args(arguments))
}

fn prometheus(root: &Path, arguments: &[&str]) -> Result<()> {
    quietly(Command::new(promtool()?).current_dir(root).args(arguments))
}

/// Every expression of every dashboard as a recording rule, since promtool parses those.
fn expressions(root: &Path) -> Result<()> {
    let mut rules = Vec::new();
    for entry in fs::read_dir(root.join("deploy/grafana"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let dashboard: Value = serde_json::from_slice(&fs::read(&path)?)?;
            let before = rules.len();
            collect(&dashboard, &mut rules);
            ensure!(rules.len() > before, "{} has no expressions", shown(&path, root));
        }
    }
    let file = root.join(format!("target/dashboards-{}.json", std::process::id()));
    fs::create_dir_all(root.join("target"))?;
    // JSON is YAML.
    let groups = json!({ "groups": [{ "name": "dashboards", "rules": rules }] });
    fs::write(&file, groups.to_string())?;
    let checked = quietly(
        Command::new(promtool()?)
            .args(["check", "rules", "--lint=none"])
            .arg(&file),
    );
    fs::remove_file(&file)?;
    checked
}

fn collect(value: &Value, rules: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(expression)) = fields.get("expr") {
                // Grafana puts in what suits the screen.
                let expression = expression.replace("$__rate_interval", "5m").replace("$__range", "6h");
                rules.push(json!({ "record": format!("dashboard:{}", rules.len()), "expr": expression }));
            }
            fields.values().for_each(|field| collect(field, rules));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, rules)),
        _ => {}
    }
}
