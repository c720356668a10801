//! The `manicheck` program.

fn main() {}
