//! Rule: `lib.rs` and `mod.rs` list what is in the folder and hold no logic.

use super::finding::Finding;
use crate::source::Source;
use crate::tree::{File, Tree};

const LINES_MAX: usize = 80;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let tables = tree.rust().filter(|(file, _)| is_table(file));
    tables.flat_map(|(file, source)| too_long(file).into_iter().chain(logic(file, source))).collect()
}

fn is_table(file: &File) -> bool {
    let ours = file.path.starts_with("crates/") && file.path.contains("/src/");
    ours && (file.path.ends_with("/mod.rs") || file.path.ends_with("/lib.rs"))
}

fn too_long(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    (lines > LINES_MAX).then(|| {
        Finding::whole(&file.path, format!("{lines} lines, {LINES_MAX} at most for a table of contents"))
    })
}

fn logic(file: &File, source: &Source) -> Vec<Finding> {
    let functions = source.functions().into_iter();
    functions
        .map(|function| {
            Finding::at(&file.path, function.line, format!("move `{}` into a file of its own", function.name))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logic_and_length_fail() {
        let long = "//! A.\n".repeat(81);
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", "//! A.\nmod b;\npub use b::C;\n"),
            ("crates/a/src/b/mod.rs", "//! B.\nfn c() {}\n"),
            ("crates/a/src/d/mod.rs", &long),
            ("crates/a/src/e.rs", "//! E.\nfn f() {}\n"),
        ]);
        let found = check(&tree);
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
