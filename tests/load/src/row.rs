//! A figure beside its limit.

use serde::Serialize;

/// A line of the table.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// Where in the job, per cent; none for the whole of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_percent: Option<u64>,
    /// Tasks a second, or what `unit` says.
    pub rate: f64,
    /// The limit beside it, in the same unit; none where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bare: Option<f64>,
    /// `rate` by `bare`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// What `rate` and `bare` count.
    pub unit: &'static str,
}

impl Row {
    /// Tasks a second, beside those that the bare loop reaches.
    pub fn tasks(name: &str, at_percent: Option<u64>, rate: f64, bare: Option<f64>) -> Self {
        Self {
            name: name.to_owned(),
            at_percent,
            rate,
            bare,
            ratio: bare.map(|bare| rate / bare),
            unit: "tasks/s",
        }
    }

    /// A figure in a unit of its own, beside what it should be.
    pub fn figure(name: &str, rate: f64, bare: Option<f64>, unit: &'static str) -> Self {
        Self {
            unit,
            ..Self::tasks(name, None, rate, bare)
        }
    }
}

/// Where rows go as soon as they are known.
#[derive(Debug)]
pub struct Table {
    json: bool,
}

impl Table {
    /// Begins a table, or lines of JSON.
    pub fn begin(json: bool) -> Self {
        if !json {
            println!("| what | at | rate | bare limit | ratio |");
            println!("|---|---|---|---|---|");
        }
        Self { json }
    }

    /// Shows a row.
    pub fn row(&self, row: &Row) {
        if self.json {
            println!("{}", serde_json::to_string(row).expect("a row is JSON"));
            return;
        }
        let digits = if row.rate.abs() < 10.0 { 2 } else { 0 };
        let bare = row.bare.map_or("–".to_owned(), |bare| format!("{bare:.digits$}"));
        println!(
            "| {} | {} | {:.digits$} {} | {bare} | {} |",
            row.name,
            row.at_percent.map_or("–".to_owned(), |at| format!("{at} %")),
            row.rate,
            row.unit,
            row.ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}")),
        );
    }
}
