//! From a few words a panel to Grafana's JSON.

use serde_json::{Value, json};

/// Grafana's grid is so wide.
const COLUMNS: u32 = 24;
const HEIGHT: u32 = 8;
/// The version of the JSON's schema; Grafana from 11 on reads it and migrates it by itself.
const SCHEMA: u32 = 39;

pub(crate) struct Dashboard {
    name: &'static str,
    title: &'static str,
    /// Variables that are chosen from a label's values: name, label, metric.
    variables: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
}

pub(crate) struct Row {
    title: &'static str,
    panels: Vec<Panel>,
}

pub(crate) struct Panel {
    title: &'static str,
    /// What it means and what to look for: shown beside the title.
    says: &'static str,
    unit: &'static str,
    kind: &'static str,
    stacked: bool,
    width: u32,
    queries: Vec<(&'static str, &'static str)>,
}

impl Dashboard {
    pub(crate) fn new(name: &'static str, title: &'static str) -> Self {
        Self {
            name,
            title,
            variables: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// A choice among the values of `instance` that a metric has.
    pub(crate) fn instances_of(mut self, metric: &'static str) -> Self {
        self.variables.push(("instance", metric));
        self
    }

    pub(crate) fn row<const N: usize>(mut self, title: &'static str, panels: [Panel; N]) -> Self {
        let panels = panels.into();
        self.rows.push(Row { title, panels });
        self
    }

    pub(crate) fn file(&self) -> String {
        format!("{}.json", self.name)
    }

    pub(crate) fn json(&self) -> String {
        let (mut panels, mut y) = (Vec::new(), 0);
        for row in &self.rows {
            let at = json!({ "x": 0, "y": y, "w": COLUMNS, "h": 1 });
            panels.push(json!({ "type": "row", "title": row.title, "collapsed": false, "gridPos": at, "panels": [] }));
            y += 1;
            let mut x = 0;
            for panel in &row.panels {
                if x + panel.width > COLUMNS {
                    (x, y) = (0, y + HEIGHT);
                }
                panels.push(panel.json(&json!({ "x": x, "y": y, "w": panel.width, "h": HEIGHT })));
                x += panel.width;
            }
            y += HEIGHT;
        }
        for (id, panel) in (1..).zip(&mut panels) {
            panel["id"] = Value::from(id);
        }
        let dashboard = json!({
            "uid": self.name,
            "title": self.title,
            "tags": ["velatura"],
            "schemaVersion": SCHEMA,
            "editable": true,
            "refresh": "30s",
            "time": { "from": "now-6h", "to": "now" },
            "timezone": "browser",
            "templating": { "list": self.variables() },
            "panels": panels,
        });
        serde_json::to_string_pretty(&dashboard).expect("a Value can be written") + "\n"
    }

    fn variables(&self) -> Vec<Value> {
        let source = json!({
            "name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus",
            "current": {}, "hide": 0,
        });
        let chosen = self.variables.iter().map(|(label, metric)| {
            json!({
                "name": label, "label": label, "type": "query", "datasource": datasource(),
                "query": { "query": format!("label_values({metric}, {label})"), "refId": "values" },
                "includeAll": true, "allValue": ".*", "multi": true, "refresh": 2, "sort": 1, "current": {},
            })
        });
        std::iter::once(source).chain(chosen).collect()
    }
}

impl Panel {
    /// Curves over time.
    pub(crate) fn over_time(title: &'static str, unit: &'static str, says: &'static str) -> Self {
        Self {
            title,
            says,
            unit,
            kind: "timeseries",
            stacked: false,
            width: 8,
            queries: Vec::new(),
        }
    }

    /// Numbers as they are now.
    pub(crate) fn now(title: &'static str, unit: &'static str, says: &'static str) -> Self {
        Self {
            kind: "stat",
            width: 4,
            ..Self::over_time(title, unit, says)
        }
    }

    /// A curve, and how the legend names it; `{{label}}` stands for a label's value.
    pub(crate) fn query(mut self, expression: &'static str, legend: &'static str) -> Self {
        self.queries.push((expression, legend));
        self
    }

    pub(crate) fn stacked(mut self) -> Self {
        self.stacked = true;
        self
    }

    pub(crate) fn wide(mut self, columns: u32) -> Self {
        self.width = columns;
        self
    }

    fn json(&self, at: &Value) -> Value {
        let targets: Vec<Value> = ('A'..='Z')
            .zip(&self.queries)
            .map(|(id, (expression, legend))| {
                json!({ "refId": id.to_string(), "expr": expression, "legendFormat": legend, "datasource": datasource() })
            })
            .collect();
        let stacking = if self.stacked { "normal" } else { "none" };
        let custom =
            json!({ "lineWidth": 2, "fillOpacity": 12, "showPoints": "never", "stacking": { "mode": stacking } });
        json!({
            "type": self.kind,
            "title": self.title,
            "description": self.says,
            "datasource": datasource(),
            "gridPos": at,
            "fieldConfig": { "defaults": { "unit": self.unit, "min": 0, "custom": custom }, "overrides": [] },
            "options": self.options(),
            "targets": targets,
        })
    }

    fn options(&self) -> Value {
        if self.kind == "stat" {
            return json!({ "reduceOptions": { "calcs": ["lastNotNull"] }, "graphMode": "area", "colorMode": "value" });
        }
        json!({ "legend": { "displayMode": "list", "placement": "bottom" }, "tooltip": { "mode": "multi", "sort": "desc" } })
    }
}

fn datasource() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}
