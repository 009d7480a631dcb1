//! Set-up, demo, test, bench.

fn main() {}
