//! Rule: packages come from the public registries, whatever mirror a developer's machine is set up for.

use super::finding::Finding;
use crate::tree::{File, Tree};

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";
const NPM: &str = "https://registry.npmjs.org/";
/// Settings that name a mirror, by file name.
const MIRROR_SETTINGS: [(&str, &[&str]); 4] = [
    ("config.toml", &["[source", "[registries", "registry ="]),
    (".npmrc", &["registry"]),
    ("pip.conf", &["index-url"]),
    ("requirements.txt", &["--index-url", "--extra-index-url"]),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let lines = file.text.lines().enumerate();
    lines
        .filter(|(_, line)| match name {
            "Cargo.lock" => line.starts_with("source = ") && !line.contains(CRATES_IO),
            "package-lock.json" => line.trim_start().starts_with("\"resolved\":") && !line.contains(NPM),
            _ => names_mirror(name, line),
        })
        .map(|(index, _)| {
            Finding::at(&file.path, index + 1, "names a package source that is not the public registry")
        })
        .collect()
}

fn names_mirror(name: &str, line: &str) -> bool {
    let settings = MIRROR_SETTINGS.iter().filter(|(file, _)| *file == name);
    settings.flat_map(|(_, starts)| starts.iter()).any(|start| line.trim_start().starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_fail() {
        let tree = Tree::of(&[
            ("Cargo.lock", "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n"),
            ("a/Cargo.lock", "source = \"sparse+https://mirror.example/\"\n"),
            (".cargo/config.toml", "[alias]\n[source.crates-io]\n"),
            ("sdk/package-lock.json", "  \"resolved\": \"https://mirror.example/a.tgz\"\n"),
        ]);
        assert_eq!(check(&tree).len(), 3);
    }
}
