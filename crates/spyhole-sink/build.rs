//! Compiles the crate again when the built dashboard changes. A missing `dist` is not an error: the
//! server then says how to build it.
#![allow(clippy::print_stdout, reason = "this is how a build script talks to cargo")]

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=dist");
}
