//! The table of values in the chart's README, made of the comments in `values.yaml`.

use anyhow::{Context as _, Result, ensure};

/// Between these lines of the README the table stands.
const MARKS: [&str; 2] = [
    "<!-- values: made by `cargo xtask chart --write` -->",
    "<!-- end of values -->",
];

/// A value: its path, its default as it is written, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Documented {
    /// Such as `coordinator.service.rest`.
    path: String,
    /// As it stands in the file, on one line.
    default: String,
    /// The comment above it.
    meaning: String,
}

/// Every value with its documentation.
///
/// # Errors
/// Names a value that has none.
fn values(text: &str) -> Result<Vec<Documented>> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut found, mut above) = (Vec::new(), Vec::<(usize, &str)>::new());
    let (mut meaning, mut index) = (None::<String>, 0);
    while index < lines.len() {
        let (line, indent) = (lines[index].trim(), indent(lines[index]));
        index += 1;
        if let Some(comment) = line.strip_prefix('#') {
            meaning = match (comment.trim().strip_prefix("-- "), meaning) {
                (Some(first), _) => Some(first.to_owned()),
                (None, Some(so_far)) => Some(format!("{so_far} {}", comment.trim())),
                (None, None) => None,
            };
            continue;
        }
        let Some((key, default)) = line.split_once(':').filter(|_| !line.is_empty()) else {
            meaning = None;
            continue;
        };
        above.retain(|(depth, _)| *depth < indent);
        above.push((indent, key));
        let path = above.iter().map(|(_, key)| *key).collect::<Vec<_>>().join(".");
        let nested = lines[index..]
            .iter()
            .take_while(|line| self::indent(line) > indent || line.trim().is_empty())
            .count();
        let block: Vec<&str> = lines[index..index + nested]
            .iter()
            .map(|line| line.trim())
            .filter(|l| !l.is_empty())
            .collect();
        match (meaning.take(), default.trim(), block.is_empty()) {
            // A map of values, each of which says what it is.
            (None, "", false) => {}
            (Some(meaning), "", false) => {
                index += nested;
                found.push(documented(&path, &format!("{{ {} }}", block.join(", ")), meaning));
            }
            (Some(meaning), default, _) => found.push(documented(&path, default, meaning)),
            (None, _, _) => anyhow::bail!("{path} has no comment that begins with `# --`"),
        }
    }
    ensure!(!found.is_empty(), "there is no value");
    Ok(found)
}

fn documented(path: &str, default: &str, meaning: String) -> Documented {
    let default = match default.strip_prefix("{ - ") {
        Some(list) => format!("[{{ {} }}]", list.trim_end_matches(" }")),
        None => default.to_owned(),
    };
    Documented {
        path: path.to_owned(),
        default,
        meaning,
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The README with the table as the values make it.
///
/// # Errors
/// When a value has no documentation, or the README has no place for the table.
pub(super) fn readme_with_table(readme: &str, values_yaml: &str) -> Result<String> {
    let (before, rest) = readme
        .split_once(MARKS[0])
        .context("the README has no place for the table")?;
    let (_, after) = rest
        .split_once(MARKS[1])
        .context("the table in the README has no end")?;
    let mut table = "\n| Value | Default | Meaning |\n|---|---|---|\n".to_owned();
    for value in values(values_yaml)? {
        let default = value.default.replace('|', "\\|");
        table += &format!(
            "| `{}` | `{default}` | {} |\n",
            value.path,
            value.meaning.replace('|', "\\|")
        );
    }
    Ok([before, MARKS[0], &table, MARKS[1], after].concat())
}
