//! What `deploy/` holds, checked by the tools of those who read it: hadolint, the Compose specification's schema,
//! yamllint, shellcheck, promtool. Each check is also given a mistake, and must find it: a check that can't fail proves nothing.
//! Whether the paths, flags, keys and metrics that are used exist is for the program's own tests to say.

mod checks;
mod spoilt;

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::run::{command, root, run};
use crate::{dashboards, setup};
use checks::{Check, all};

/// The checks, then the program's own tests about `deploy/` and the documentation.
pub(crate) fn main() -> Result<()> {
    check()?;
    run(command("cargo").args(["test", "--workspace", "--bin", "velatura", "deploy::"]))
}

/// The checks alone.
pub(crate) fn check() -> Result<()> {
    println!("cargo xtask deploy: linters for deploy/, each shown to find a mistake; a few seconds.");
    setup::ensure(&setup::DEPLOY)?;
    dashboards::check()?;
    for check in all() {
        pass(&check)?;
        find(&check)?;
        println!("  {}: nothing to say, and the mistake is found", check.name);
    }
    Ok(())
}

fn pass(check: &Check) -> Result<()> {
    check
        .run(&root())
        .with_context(|| format!("{} has something to say", check.name))
}

/// The same check, where somebody made a mistake.
fn find(check: &Check) -> Result<()> {
    let spoilt = spoilt::Copy::of(&["deploy", "tests/testkit"])?;
    spoilt.replace(check.mistake)?;
    let found = check.run(spoilt.root());
    let Err(found) = found else {
        let (file, _, mistake) = check.mistake;
        bail!(
            "{} does not find the mistake {mistake:?} in {file}: the check is worth nothing",
            check.name
        );
    };
    // Broken tools fail, too.
    let said = format!("{found:#}");
    if !said.contains(check.says) {
        bail!(
            "{} fails with the mistake, but not because of it; expected {:?} in: {said}",
            check.name,
            check.says
        );
    }
    Ok(())
}

/// Whether a path is below a folder of the repository, for messages.
fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}
