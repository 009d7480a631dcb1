//! The `velatura` binary: one file a role.

fn main() {}
