/// The code of a document: every line of its fenced blocks that a shell would run, and every span.
pub(super) fn code(text: &str) -> Vec<String> {
    let mut code = Vec::new();
    // The language of the fenced block that we are in.
    let mut fence: Option<&str> = None;
    let mut continued = String::new();
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), fence) {
            (Some(language), None) => fence = Some(language),
            (Some(_), Some(_)) => fence = None,
            (None, Some("sh")) => {
                let line = line.split(" #").next().unwrap_or_default();
                match line.strip_suffix('\\') {
                    Some(part) => continued += part,
                    None => code.push(std::mem::take(&mut continued) + line),
                }
            }
            (None, Some(_)) => {}
            (None, None) => code.extend(line.split('`').skip(1).step_by(2).map(str::to_owned)),
        }
    }
    code
}

/// The anchors of a document's headings, as GitHub makes them.
pub(super) fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let slug = |heading: &str| -> String {
        let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
        let text: String = heading.trim_start_matches('#').trim().chars().filter(kept).collect();
        text.to_lowercase().replace(' ', "-")
    };
    headings.map(slug).collect()
}

/// Where a document's links lead.
pub(super) fn links(text: &str) -> Vec<String> {
    let ends = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    ends.map(str::to_owned).collect()
}

#[test]
fn spans_blocks_headings_and_links_are_found() {
    let text = "# `a b`: c\nsee `one` and [two](x.md#y)\n```sh\nthree \\\n  four  # five\n```\n```toml\nsix\n```\n";
    assert_eq!(code(text), ["a b", "one", "three   four "]);
    assert_eq!(anchors(text)[0], "a-b-c");
    assert_eq!(links(text), ["x.md#y"]);
}
