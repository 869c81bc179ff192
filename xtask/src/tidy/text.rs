//! Rule: no trailing white space, no path of one machine.

use super::finding::Finding;
use crate::source::is_word;
use crate::tree::{File, Tree};

/// Folders of one machine. Put together here so that this file does not break its own rule.
const MACHINE_FOLDERS: [&str; 5] = [
    concat!("/", "work", "/"),
    concat!("/", "farm", "/"),
    concat!("/", "tmp", "/"),
    concat!("/", "home", "/"),
    concat!("/", "root", "/"),
];
/// Captured or generated; its bytes are not ours to tidy.
const DATA_ENDINGS: [&str; 4] = [".json", ".snap", ".lock", ".csv"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let data = DATA_ENDINGS.iter().any(|ending| file.path.ends_with(ending));
    let lines = file.text.lines().enumerate();
    lines
        .flat_map(|(index, line)| {
            let space = (!data && line.ends_with([' ', '\t'])).then_some("trailing white space".to_owned());
            let folder = machine_folder(line).map(|folder| format!("`{folder}` exists on one machine only"));
            [space, folder]
                .into_iter()
                .flatten()
                .map(move |message| Finding::at(&file.path, index + 1, message))
        })
        .collect()
}

/// A folder at the start of a path; the same letters inside a URL's path are none.
fn machine_folder(line: &str) -> Option<&'static str> {
    MACHINE_FOLDERS.into_iter().find(|folder| {
        line.match_indices(folder).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !before.is_some_and(|character| is_word(character) || ".-}/:".contains(character))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_machine_paths_fail() {
        let path = format!("data = \"{}hopline\"\n", MACHINE_FOLDERS[2]);
        let tree =
            Tree::of(&[("a.rs", "//! A. \n"), ("b.toml", &path), ("c.md", "https://a.example/work/list\n")]);
        let found = check(&tree);
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
