//! Rule: SQL is written in `store` only, and the environment is read by the composition roots only.

use super::finding::Finding;
use crate::source::{Part, Source, is_word};
use crate::tree::{File, Tree};

/// Rooms where SQL is written, each with why.
const SQL_ROOMS: [(&str, &str); 4] = [
    ("store", "its task"),
    ("bench", "compares with a bare SQLite loop of its own"),
    ("testkit", "looks at the database from outside: a witness must not be the code under test"),
    ("xtask", "its tests break this rule"),
];
/// Rooms that read the environment, each with why.
const ENVIRONMENT_ROOMS: [(&str, &str); 2] =
    [("cli", "its task"), ("testkit", "builds the binary under test; is told how many rounds to run")];
/// A statement is recognised by two words in this order within one literal.
const STATEMENTS: [(&str, &str); 5] =
    [("select", "from"), ("insert", "into"), ("delete", "from"), ("update", "set"), ("create", "table")];
const ENVIRONMENT_CALLS: [&str; 3] = ["env::var(", "env::vars(", "env::var_os("];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .flat_map(|(file, source)| sql(file, source).into_iter().chain(environment(file, source)))
        .collect()
}

fn holds(rooms: &[(&str, &str)], file: &File) -> bool {
    rooms.iter().any(|(room, _)| *room == file.room())
}

fn sql(file: &File, source: &Source) -> Vec<Finding> {
    if holds(&SQL_ROOMS, file) {
        return Vec::new();
    }
    let literals = source.only(Part::Literal);
    let lines = literals.lines().enumerate().filter(|(_, line)| is_statement(line));
    lines
        .map(|(index, _)| Finding::at(&file.path, index + 1, "SQL belongs in crates/store, behind the port"))
        .collect()
}

fn is_statement(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|character| !is_word(character)).filter(|word| !word.is_empty()).collect();
    STATEMENTS.iter().any(|(first, second)| {
        words.first() == Some(first) && words.iter().skip(1).take(12).any(|word| word == second)
    })
}

fn environment(file: &File, source: &Source) -> Vec<Finding> {
    // Cargo tells a build script everything that way.
    if holds(&ENVIRONMENT_ROOMS, file) || file.path.ends_with("/build.rs") {
        return Vec::new();
    }
    let code = source.only(Part::Code);
    let lines =
        code.lines().enumerate().filter(|(_, line)| ENVIRONMENT_CALLS.iter().any(|call| line.contains(call)));
    lines
        .map(|(index, _)| {
            Finding::at(
                &file.path,
                index + 1,
                "only cli reads the environment; take the value as an argument",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_outside_the_store_fails() {
        let statement = "//! A.\nconst A: &str = \"SELECT id FROM jobs\";\n";
        let prose =
            "//! A.\n// select one from many\nconst A: &str = \"to select one, choose from the list\";\n";
        let tree = Tree::of(&[
            ("crates/server/src/a.rs", statement),
            ("crates/store/src/a.rs", statement),
            ("crates/server/src/b.rs", prose),
        ]);
        assert_eq!(check(&tree).len(), 1);
    }

    #[test]
    fn the_environment_is_read_in_cli_only() {
        let read = "//! A.\nfn a() { std::env::var(\"A\").ok(); }\n";
        let tree = Tree::of(&[("crates/server/src/a.rs", read), ("crates/cli/src/a.rs", read)]);
        assert_eq!(check(&tree).len(), 1);
    }
}
