//! Names the shared library for the loader, so that a program finds the ABI that it was linked with.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // The number is `TT_ABI_VERSION`; the tests compare the two.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libtasktrail.so.0");
    }
}
