//! Rule: files have at most 500 lines without tests, functions at most 70 lines of code.

use super::finding::Finding;
use crate::source::{Part, Source};
use crate::tree::{File, Tree};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
/// Written on line 2–5 of a file that is a table, not logic.
const DATA_TABLE: &str = "tidy: data table";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let files = tree.rust().filter(|(file, _)| !file.is_test());
    files.flat_map(|(file, source)| long_file(file).into_iter().chain(long_functions(file, source))).collect()
}

fn long_file(file: &File) -> Option<Finding> {
    let tests: usize = file.test_lines().iter().map(ExactSizeIterator::len).sum();
    let lines = file.text.lines().count() - tests;
    let exempt = file.text.lines().skip(1).take(4).any(|line| line.contains(DATA_TABLE));
    (lines > FILE_LINES_MAX && !exempt).then(|| {
        Finding::whole(
            &file.path,
            format!("{lines} lines without tests, {FILE_LINES_MAX} at most: split by noun"),
        )
    })
}

fn long_functions(file: &File, source: &Source) -> Vec<Finding> {
    let code = source.only(Part::Code);
    let code: Vec<&str> = code.lines().collect();
    let tests = file.test_lines();
    let functions = source.functions().into_iter();
    functions
        .filter(|function| function.code_lines > FUNCTION_LINES_MAX)
        .filter(|function| !tests.iter().any(|span| span.contains(&function.line)))
        .filter(|function| !is_expected(&code, function.line))
        .map(|function| {
            let message = format!(
                "`{}` has {} lines of code, {FUNCTION_LINES_MAX} at most: keep the branches, move the rest out",
                function.name, function.code_lines
            );
            Finding::at(&file.path, function.line, message)
        })
        .collect()
}

/// Whether the attributes above the function expect `clippy::too_many_lines`.
fn is_expected(code: &[&str], line: usize) -> bool {
    let above = code[..line - 1].iter().rev();
    above
        .take_while(|text| !text.trim_end().ends_with(['}', ';']))
        .any(|text| text.contains("too_many_lines"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize) -> String {
        "    a();\n".repeat(count)
    }

    #[test]
    fn a_long_function_fails_and_an_expected_one_passes() {
        let long = format!("//! A.\nfn b() {{\n{}}}\n", lines(71));
        let expected = format!(
            "//! A.\n#[expect(clippy::too_many_lines, reason = \"b\")]\nfn b() {{\n{}}}\n",
            lines(71)
        );
        let tree = Tree::of(&[("crates/a/src/a.rs", &long), ("crates/a/src/b.rs", &expected)]);
        assert_eq!(check(&tree).len(), 1);
    }

    #[test]
    fn a_long_file_fails_unless_it_is_a_table_or_tests() {
        let long = format!("//! A.\n{}", "const A: u8 = 1;\n".repeat(500));
        let table = format!("//! A.\n//! tidy: data table\n{}", "const A: u8 = 1;\n".repeat(500));
        let tested = format!("//! A.\n#[cfg(test)]\nmod tests {{\n{}}}\n", lines(600));
        let tree = Tree::of(&[
            ("a/src/a.rs", &long),
            ("a/src/b.rs", &table),
            ("a/src/c.rs", &tested),
            ("a/tests/d.rs", &long),
        ]);
        let found = check(&tree);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].to_string().starts_with("a/src/a.rs: 501 lines"));
    }
}
