//! Every metric and label of alerts and dashboards exists, and so does every alert's runbook.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use velatura_telemetry::Described;

use super::{files, markdown, nothing, promql, read, root};

/// Labels that Prometheus gives by itself.
const SCRAPED: [&str; 4] = ["instance", "job", "le", "pod"];

/// What the three roles serve.
fn described() -> Vec<&'static Described> {
    let roles = [
        velatura_telemetry::METRICS,
        velatura_coordinator::METRICS,
        velatura_worker::METRICS,
    ];
    roles.into_iter().chain(velatura_exporter::METRICS).flatten().collect()
}

/// The labels of every series.
fn series() -> BTreeMap<String, BTreeSet<&'static str>> {
    let labels = |one: &Described| one.labels.iter().copied().chain(SCRAPED).collect();
    described()
        .into_iter()
        .flat_map(|one| one.series().into_iter().map(move |name| (name, labels(one))))
        .collect()
}

/// What an expression uses that nobody serves.
fn unknown(expression: &str, series: &BTreeMap<String, BTreeSet<&'static str>>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut known: BTreeSet<&str> = SCRAPED.into();
    for one in promql::references(expression) {
        let Some(labels) = series.get(&one.metric) else {
            wrong.push(format!("no role serves {}", one.metric));
            continue;
        };
        known.extend(labels);
        let others = one.labels.iter().filter(|label| !labels.contains(label.as_str()));
        wrong.extend(others.map(|label| format!("{} has no label {label}", one.metric)));
    }
    let groups = promql::grouped(expression)
        .into_iter()
        .filter(|label| !known.contains(label.as_str()));
    wrong.extend(groups.map(|label| format!("nothing there has the label {label}")));
    wrong
}

/// The values of a key in YAML, folded ones included.
fn values(text: &str, key: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut lines = text.lines().peekable();
    let indent = |line: &str| line.len() - line.trim_start().len();
    while let Some(line) = lines.next() {
        let Some(value) = line
            .trim_start()
            .trim_start_matches("- ")
            .strip_prefix(&format!("{key}: "))
        else {
            continue;
        };
        if value != "|" {
            values.push(value.to_owned());
            continue;
        }
        let depth = indent(line);
        let mut folded = String::new();
        while let Some(more) = lines.next_if(|more| indent(more) > depth) {
            folded += more;
            folded.push('\n');
        }
        values.push(folded);
    }
    values
}

#[test]
fn alerts_use_only_metrics_and_labels_that_exist() {
    let series = series();
    let rules = read(&root().join("deploy/prometheus/velatura.rules.yml"));
    let expressions = values(&rules, "expr");
    assert_eq!(expressions.len(), values(&rules, "alert").len());
    nothing(
        &expressions
            .iter()
            .flat_map(|expression| unknown(expression, &series))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn dashboards_use_only_metrics_and_labels_that_exist() {
    fn collect(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                into.extend(fields.get("expr").and_then(Value::as_str).map(str::to_owned));
                let chosen = fields.get("query").and_then(Value::as_str);
                let metric = chosen.and_then(|query| query.strip_prefix("label_values(")?.split(',').next());
                into.extend(metric.map(str::to_owned));
                fields.values().for_each(|field| collect(field, into));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
            _ => {}
        }
    }
    let series = series();
    let mut wrong = Vec::new();
    for (path, text) in files(&["deploy/grafana"], ".json") {
        let mut expressions = Vec::new();
        collect(&serde_json::from_str(&text).unwrap(), &mut expressions);
        assert!(expressions.len() > 5, "{}", path.display());
        let unknown = expressions.iter().flat_map(|expression| unknown(expression, &series));
        wrong.extend(unknown.map(|error| format!("{}: {error}", path.display())));
    }
    nothing(&wrong);
}

#[test]
fn every_alert_is_tested_and_has_its_runbook() {
    let rules = read(&root().join("deploy/prometheus/velatura.rules.yml"));
    let tests = read(&root().join("deploy/prometheus/velatura.test.yml"));
    let alerts = values(&rules, "alert");
    let runbooks = values(&rules, "runbook");
    assert_eq!(alerts.len(), runbooks.len(), "each alert names its runbook");
    let mut wrong = Vec::new();
    for (alert, runbook) in alerts.iter().zip(&runbooks) {
        let (file, anchor) = runbook.split_once('#').unwrap();
        if anchor != alert.to_lowercase()
            || !markdown::anchors(&read(&root().join(file)))
                .iter()
                .any(|known| known == anchor)
        {
            wrong.push(format!("{alert}: {runbook} is not there"));
        }
        let cases: Vec<&str> = tests
            .split("alertname: ")
            .skip(1)
            .filter(|case| case.starts_with(alert.as_str()))
            .collect();
        let silent = |case: &&str| case.lines().next().is_some_and(|line| line.contains("exp_alerts: []"));
        if !cases.iter().any(silent) || !cases.iter().any(|case| !silent(case)) {
            wrong.push(format!(
                "{alert}: velatura.test.yml shows not both that it fires and that it holds still"
            ));
        }
    }
    nothing(&wrong);
}

/// The table of metrics as the documentation has it.
fn table<'a>(metrics: impl IntoIterator<Item = &'a Described>) -> String {
    let row = |one: &Described| {
        let labels = if one.labels.is_empty() {
            String::new()
        } else {
            format!("{{{}}}", one.labels.join(","))
        };
        format!("| `{}{labels}` | {} |\n", one.name, one.help)
    };
    let rows: String = metrics.into_iter().map(row).collect();
    format!("| Metric | Meaning |\n|---|---|\n{rows}")
}

#[test]
fn every_metric_is_documented() {
    let path = root().join("docs/operations/metrics.md");
    let written = read(&path);
    let mut right = written.clone();
    let tables = [
        ("## Every role\n\n", table(velatura_telemetry::METRICS)),
        ("## Coordinator\n\n", table(velatura_coordinator::METRICS)),
        ("## Worker\n\n", table(velatura_worker::METRICS)),
        (
            "## Exporter\n\n",
            table(velatura_exporter::METRICS.into_iter().flatten()),
        ),
    ];
    for (heading, table) in tables {
        let begin = right.find(heading).unwrap_or_else(|| panic!("no {heading:?}")) + heading.len();
        let end = begin + right[begin..].find("\n\n").unwrap() + 1;
        right.replace_range(begin..end, &table);
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &right).unwrap();
    } else {
        assert_eq!(
            written, right,
            "write it anew: BLESS=1 cargo test -p velatura every_metric_is_documented"
        );
    }
}

#[test]
fn a_metric_or_label_that_does_not_exist_is_found() {
    let series = series();
    for right in [
        "sum by (state) (velatura_backlog_tasks)",
        r#"velatura_ready{condition="queue"}"#,
        "rate(velatura_worker_stage_seconds_sum[5m])",
    ] {
        assert!(unknown(right, &series).is_empty(), "{right}");
    }
    for wrong in [
        "velatura_backlog",
        r#"velatura_ready{state="x"}"#,
        "sum by (pool) (velatura_backlog_tasks)",
        r#"up{job="x"}"#,
    ] {
        assert!(!unknown(wrong, &series).is_empty(), "{wrong}");
    }
}
