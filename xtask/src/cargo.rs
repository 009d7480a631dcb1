//! Cargo, started by a program that cargo itself has started. Shared with `tests/e2e`, whose tests build the binary.

use std::process::Command;

/// Takes away what cargo tells a program about the package that it belongs to. Some build scripts look at that, ring's among
/// them, so that with it a second cargo would compile ring, and all that stands on it, anew each time.
pub(crate) fn as_from_a_shell(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let is_about_a_package = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_CFG_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
        ]
        .iter()
        .any(|beginning| text.starts_with(beginning));
        if is_about_a_package || text == "OUT_DIR" {
            command.env_remove(&name);
        }
    }
    command
}
