//! Commands and flags that are written down exist.

use clap::CommandFactory as _;

use super::{documents, files, markdown, nothing, read, root};
use crate::Cli;

/// Whether a line that begins with `velatura` could be typed: its subcommands and flags are there.
fn check(line: &str) -> Result<(), String> {
    let mut command = Cli::command();
    command.build();
    let mut words = line.split_whitespace().skip(1);
    let ends = |word: &str| matches!(word, "|" | "&" | "&&" | ";" | ">" | "2>" | "…" | "...") || word.starts_with("2>");
    while let Some(word) = words.next().filter(|word| !ends(word)) {
        if let Some(flag) = word.strip_prefix("--") {
            let (name, value) = flag
                .split_once('=')
                .map_or((flag, None), |(name, value)| (name, Some(value)));
            let name = name.trim_end_matches([',', ']']);
            let found = command
                .get_arguments()
                .find(|argument| argument.get_long() == Some(name));
            let found = found.ok_or_else(|| format!("{} has no --{name}", command.get_name()))?;
            if value.is_none() && found.get_action().takes_values() {
                words.next();
            }
        } else if let Some(below) = command.find_subcommand(word.trim_end_matches([',', ':'])) {
            command = below.clone();
        } else if command.get_positionals().next().is_none() {
            return Err(format!("{} has no {word}", command.get_name()));
        }
    }
    Ok(())
}

#[test]
fn commands_in_the_documentation_exist() {
    let mut wrong = Vec::new();
    for (path, text) in documents() {
        let code = markdown::code(&text);
        let typed = code.iter().filter(|line| line.trim_start().starts_with("velatura "));
        wrong.extend(typed.filter_map(|line| Some(format!("{}: {line}: {}", path.display(), check(line).err()?))));
    }
    nothing(&wrong);
}

#[test]
fn commands_of_the_image_and_the_compose_file_exist() {
    let dockerfile = read(&root().join("deploy/Dockerfile"));
    let in_image: Vec<String> = dockerfile
        .lines()
        .filter(|line| line.starts_with("RUN velatura"))
        .flat_map(|line| line.trim_start_matches("RUN ").split(" && "))
        .map(str::to_owned)
        .collect();
    assert!(in_image.contains(&"velatura --version".to_owned()), "{in_image:?}");
    let compose = read(&root().join("deploy/compose.yaml"));
    let ours = compose
        .split("\n\n")
        .filter(|service| service.contains("<<: *velatura"));
    let in_compose: Vec<String> = ours
        .map(|service| format!("velatura {}", list(service, "command: [")))
        .collect();
    assert_eq!(in_compose.len(), 3, "{in_compose:?}");
    let every = in_image.iter().chain(&in_compose);
    nothing(
        &every
            .filter_map(|line| Some(format!("{line}: {}", check(line).err()?)))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn commands_of_the_chart_exist() {
    let mut wrong = Vec::new();
    for (path, text) in files(&["helm/velatura/templates"], ".yaml") {
        for line in text.lines().filter(|line| line.contains("args: [")) {
            let line = &computed(line);
            let typed = format!("velatura {}", list(line, "args: ["));
            wrong.extend(check(&typed).err().map(|error| format!("{}: {error}", path.display())));
        }
    }
    nothing(&wrong);
}

/// A line of a template with a word for whatever is computed.
fn computed(line: &str) -> String {
    let mut parts = line.split("{{");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + "computed" + part.split("}}").nth(1).unwrap_or_default()
    })
}

/// The words of a list in brackets.
fn list(text: &str, begin: &str) -> String {
    let inside = text
        .split(begin)
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .unwrap_or_default();
    inside.replace([',', '"'], " ")
}

#[test]
fn a_command_that_does_not_exist_is_found() {
    assert_eq!(
        list(&computed("args: [worker, {{ .x | quote }}, --a={{ .y }}]"), "args: ["),
        "worker  computed  --a=computed"
    );
    for right in [
        "velatura worker --device cuda",
        "velatura --config x.toml policies apply --dry-run",
        "velatura jobs show ID",
    ] {
        assert_eq!(check(right), Ok(()), "{right}");
    }
    for wrong in [
        "velatura worker --devise cuda",
        "velatura policies put",
        "velatura wroker",
        "velatura jobs --limit 3",
    ] {
        assert!(check(wrong).is_err(), "{wrong}");
    }
}
