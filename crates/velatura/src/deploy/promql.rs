/// A metric in an expression, and the labels that are asked of it.
#[derive(Debug, PartialEq)]
pub(super) struct Reference {
    pub(super) metric: String,
    pub(super) labels: Vec<String>,
}

/// What an expression refers to. That it can be parsed at all is for promtool to say.
pub(super) fn references(expression: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(begin) = rest.find(is_letter) {
        let end = rest[begin..]
            .find(|letter| !is_letter(letter))
            .map_or(rest.len(), |end| begin + end);
        let (word, after) = (&rest[begin..end], &rest[end..]);
        let quoted = rest[..begin].matches('"').count() % 2 == 1;
        rest = after;
        if quoted {
            // To the end of the text in quotes: it holds no names.
            rest = rest.split_once('"').map_or("", |(_, after)| after);
            continue;
        }
        if let Some(inside) = after.strip_prefix('{') {
            let (matchers, after) = inside.split_once('}').unwrap_or((inside, ""));
            found.push(Reference {
                metric: word.to_owned(),
                labels: matched(matchers),
            });
            rest = after;
        } else if after.starts_with('[') || word.starts_with("velatura_") {
            found.push(Reference {
                metric: word.to_owned(),
                labels: Vec::new(),
            });
        }
        // `5m` within brackets and the names of variables are no metrics.
        if let Some(inside) = rest.strip_prefix('[') {
            rest = inside.split_once(']').map_or("", |(_, after)| after);
        }
    }
    found
}

/// The labels by which an expression groups or joins.
pub(super) fn grouped(expression: &str) -> Vec<String> {
    let mut labels = Vec::new();
    for word in ["by (", "on (", "by(", "on(", "without (", "ignoring ("] {
        for group in expression.split(word).skip(1) {
            let names = group.split(')').next().unwrap_or_default();
            labels.extend(
                names
                    .split(',')
                    .map(|name| name.trim().to_owned())
                    .filter(|name| !name.is_empty()),
            );
        }
    }
    labels
}

fn matched(matchers: &str) -> Vec<String> {
    let mut labels = Vec::new();
    let mut rest = matchers;
    while let Some((name, after)) = rest.split_once(['=', '!']) {
        labels.push(name.trim_matches([',', ' ']).to_owned());
        // Past the value in quotes.
        rest = after.splitn(3, '"').nth(2).unwrap_or_default();
    }
    labels
}

fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | ':')
}

#[test]
fn metrics_and_labels_of_an_expression_are_found() {
    let found = references(
        r#"sum by (le) (rate(velatura_a_bucket{job=~"x|y", kind!="velatura_no"}[5m])) / on (instance) velatura_b > up{z="1"}"#,
    );
    let said: Vec<(&str, Vec<&str>)> = found
        .iter()
        .map(|one| (one.metric.as_str(), one.labels.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(
        said,
        [
            ("velatura_a_bucket", vec!["job", "kind"]),
            ("velatura_b", vec![]),
            ("up", vec!["z"])
        ]
    );
    assert_eq!(
        grouped("sum by (le, x) (a) / on (instance) b unless on() c"),
        ["le", "x", "instance"]
    );
}
