//! What the project's developers run: `cargo xtask schemas`.

fn main() {}
