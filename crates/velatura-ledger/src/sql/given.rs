//! Rows that a statement is given: a table `r` whose columns travel as parameters. So a statement's text is the same, and
//! prepared once, however many rows it is about.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use super::dialect::Dialect;
use super::link::Statement;

/// Rows by their columns, all of the same length.
#[derive(Debug)]
pub(super) struct Given<'a> {
    dialect: Dialect,
    columns: Vec<(&'static str, Values<'a>)>,
}

#[derive(Debug)]
enum Values<'a> {
    Numbers(Vec<i64>),
    Texts(Vec<Option<Cow<'a, str>>>),
    /// Whole numbers that follow each other.
    Series(Range<i64>),
}

impl<'a> Given<'a> {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            columns: Vec::new(),
        }
    }

    /// A column of whole numbers.
    pub(super) fn numbers(mut self, name: &'static str, values: impl IntoIterator<Item = i64>) -> Self {
        self.columns.push((name, Values::Numbers(values.into_iter().collect())));
        self
    }

    /// A column that counts from `first`, as long as the others.
    pub(super) fn series(mut self, name: &'static str, first: i64, rows: usize) -> Self {
        let end = i64::try_from(rows).map_or(i64::MAX, |rows| first.saturating_add(rows));
        self.columns.push((name, Values::Series(first..end)));
        self
    }

    /// A column of text, or of nothing.
    pub(super) fn texts(mut self, name: &'static str, values: impl IntoIterator<Item = Option<Cow<'a, str>>>) -> Self {
        self.columns.push((name, Values::Texts(values.into_iter().collect())));
        self
    }

    /// The table as it stands in a statement; its parameters are the last, numbered from `first`. PostgreSQL takes an array
    /// a column, which it reads several times faster than JSON; SQLite one JSON array of rows.
    pub(super) fn table(&self, first: usize) -> String {
        let columns = self.columns.iter();
        match self.dialect {
            Dialect::Postgres => {
                let mut number = first;
                let fields = columns.map(|(name, values)| {
                    let parameter = number;
                    number += values.parameters();
                    match values {
                        Values::Numbers(_) => format!("unnest(CAST(${parameter} AS BIGINT[])) AS {name}"),
                        Values::Texts(_) => format!("unnest(CAST(${parameter} AS TEXT[])) AS {name}"),
                        Values::Series(_) => format!("generate_series(${parameter}, ${}) AS {name}", parameter + 1),
                    }
                });
                format!("(SELECT {}) AS r", fields.collect::<Vec<_>>().join(", "))
            }
            Dialect::Sqlite => {
                let fields = columns
                    .enumerate()
                    .map(|(i, (name, _))| format!("value ->> {i} AS {name}"));
                format!(
                    "(SELECT {} FROM json_each(${first})) AS r",
                    fields.collect::<Vec<_>>().join(", ")
                )
            }
        }
    }

    /// Adds the table's parameters behind those that a statement has.
    pub(super) fn bind<'q>(self, statement: Statement<'q>) -> Statement<'q> {
        match self.dialect {
            Dialect::Postgres => self
                .columns
                .iter()
                .fold(statement, |statement, (_, values)| match values {
                    Values::Numbers(numbers) => statement.bind(array_of_numbers(numbers)),
                    Values::Texts(texts) => statement.bind(array_of_texts(texts)),
                    Values::Series(series) => statement.bind(series.start).bind(series.end - 1),
                }),
            Dialect::Sqlite => statement.bind(self.json()),
        }
    }

    fn json(&self) -> String {
        let rows = self.columns.first().map_or(0, |(_, values)| values.len());
        let mut json = String::with_capacity(rows * 32 * self.columns.len() + 2);
        json.push('[');
        for row in 0..rows {
            json.push_str(if row == 0 { "[" } else { ",[" });
            for (nth, (_, values)) in self.columns.iter().enumerate() {
                if nth > 0 {
                    json.push(',');
                }
                let value = match values {
                    Values::Numbers(numbers) => serde_json::to_string(&numbers[row]),
                    Values::Series(series) => serde_json::to_string(&(series.start + row as i64)),
                    Values::Texts(texts) => serde_json::to_string(&texts[row]),
                };
                json.push_str(&value.expect("it is JSON"));
            }
            json.push(']');
        }
        json.push(']');
        json
    }
}

impl Values<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Texts(texts) => texts.len(),
            Self::Series(series) => (series.end - series.start) as usize,
        }
    }

    /// How many parameters of PostgreSQL's it takes.
    fn parameters(&self) -> usize {
        match self {
            Self::Numbers(_) | Self::Texts(_) => 1,
            Self::Series(_) => 2,
        }
    }
}

/// A column as PostgreSQL writes arrays.
fn array_of_numbers(numbers: &[i64]) -> String {
    let mut array = String::with_capacity(numbers.len() * 12 + 2);
    array.push('{');
    for (i, number) in numbers.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        write!(array, "{comma}{number}").expect("a string takes text");
    }
    array.push('}');
    array
}

/// As [`array_of_numbers`].
fn array_of_texts(texts: &[Option<Cow<'_, str>>]) -> String {
    let bytes: usize = texts.iter().flatten().map(|text| text.len()).sum();
    let mut array = String::with_capacity(bytes + texts.len() * 6 + 2);
    array.push('{');
    for (i, text) in texts.iter().enumerate() {
        if i > 0 {
            array.push(',');
        }
        match text {
            Some(text) => quote(&mut array, text),
            None => array.push_str("NULL"),
        }
    }
    array.push('}');
    array
}

fn quote(array: &mut String, text: &str) {
    array.push('"');
    for part in text.split_inclusive(['"', '\\']) {
        match part.as_bytes().last() {
            Some(special @ (b'"' | b'\\')) => {
                array.push_str(&part[..part.len() - 1]);
                array.push('\\');
                array.push(char::from(*special));
            }
            Some(_) | None => array.push_str(part),
        }
    }
    array.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_quote_what_arrays_are_made_of() {
        let awkward = ["a \"b\" \\ {c},", "", "NULL"].map(|text| Some(Cow::Borrowed(text)));
        let awkward = [&awkward[..1], &[None], &awkward[1..]].concat();
        assert_eq!(array_of_texts(&awkward), r#"{"a \"b\" \\ {c},",NULL,"","NULL"}"#);
        assert_eq!(array_of_numbers(&[1, -2]), "{1,-2}");
        assert_eq!(array_of_numbers(&[]), "{}");
    }

    #[test]
    fn a_table_has_parameters_for_each_column_or_one_for_all() {
        let given = |dialect| Given::new(dialect).series("seq", 7, 2).texts("key", [None, None]);
        let postgres = given(Dialect::Postgres);
        assert_eq!(
            postgres.table(3),
            "(SELECT generate_series($3, $4) AS seq, unnest(CAST($5 AS TEXT[])) AS key) AS r"
        );
        let sqlite = given(Dialect::Sqlite);
        assert_eq!(
            sqlite.table(3),
            "(SELECT value ->> 0 AS seq, value ->> 1 AS key FROM json_each($3)) AS r"
        );
        assert_eq!(sqlite.json(), "[[7,null],[8,null]]");
    }
}
