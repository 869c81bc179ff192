//! `cargo xtask tidy`: the rules of ARCHITECTURE.md and STYLE.md that neither rustc nor clippy checks.
//!
//! One file per rule. A rule is a pure function of the tree, so each has a test in which it fails.

mod contents;
mod dependencies;
mod finding;
mod invariants;
mod language;
mod module_docs;
mod reach;
mod run;
mod seam;
mod size;
mod sources;
mod text;
mod unused;

pub(crate) use run::run;
