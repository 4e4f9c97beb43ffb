//! The pixloom command line.
fn main() {}
