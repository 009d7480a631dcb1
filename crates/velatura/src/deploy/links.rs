//! Files and anchors that documents point at exist.

use std::path::Path;

use super::{documents, markdown, nothing, read, root};

/// Folders of the repository: code that begins with one of them is a path.
const TOP: [&str; 8] = [
    "crates/", "deploy/", "docs/", "helm/", "models/", "proto/", "tests/", "xtask/",
];

fn check_link(link: &str, from: &Path) -> Result<(), String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return Ok(());
    }
    let (file, anchor) = link
        .split_once('#')
        .map_or((link, None), |(file, anchor)| (file, Some(anchor)));
    let target = if file.is_empty() {
        from.to_owned()
    } else {
        from.parent().unwrap().join(file)
    };
    if !target.exists() {
        return Err(format!("{link} leads nowhere"));
    }
    match anchor {
        Some(anchor) if !markdown::anchors(&read(&target)).iter().any(|known| known == anchor) => {
            Err(format!("{link}: there is no such heading"))
        }
        _ => Ok(()),
    }
}

fn check_path(code: &str) -> Result<(), String> {
    let literal = !code.contains([' ', '*', '{', '…', '<', ':', '%']);
    if literal && TOP.iter().any(|top| code.starts_with(top)) && !root().join(code).exists() {
        return Err(format!("there is no {code}"));
    }
    Ok(())
}

#[test]
fn links_and_paths_in_the_documentation_lead_somewhere() {
    let mut wrong = Vec::new();
    for (path, text) in documents() {
        let links = markdown::links(&text)
            .into_iter()
            .filter_map(|link| check_link(&link, &path).err());
        let paths = markdown::code(&text)
            .into_iter()
            .filter_map(|code| check_path(&code).err());
        wrong.extend(links.chain(paths).map(|error| format!("{}: {error}", path.display())));
    }
    nothing(&wrong);
}

#[test]
fn a_link_or_path_that_leads_nowhere_is_found() {
    let here = root().join("docs/operations.md");
    assert_eq!(check_link("ARCHITECTURE.md", &here), Ok(()));
    assert!(check_link("ARCHITECTUR.md", &here).is_err());
    assert!(check_link("ARCHITECTURE.md#no-such-heading", &here).is_err());
    assert_eq!(check_path("deploy/compose.yaml"), Ok(()));
    assert!(check_path("deploy/compose.yml").is_err());
    assert_eq!(check_path("crates/*/src"), Ok(()));
}
