//! Rule: every dependency a crate declares is named in its code.

use super::finding::Finding;
use crate::source::{Part, is_word};
use crate::tree::Tree;
use crate::workspace::Package;

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(|package| check_package(tree, package)).collect()
}

fn check_package(tree: &Tree, package: &Package) -> Vec<Finding> {
    let folder = package.folder();
    let files = tree.rust().filter(|(file, _)| file.path.starts_with(&folder));
    let code: Vec<String> = files.map(|(_, source)| source.only(Part::Code)).collect();
    if code.is_empty() {
        return Vec::new();
    }
    let unused = package.dependencies.iter().filter(|dependency| !is_named(&code, &dependency.name));
    unused
        .map(|dependency| {
            let message = format!("`{}` is declared but not named in the code: remove it", dependency.name);
            Finding::whole(&format!("{folder}Cargo.toml"), message)
        })
        .collect()
}

fn is_named(code: &[String], dependency: &str) -> bool {
    let identifier = dependency.replace('-', "_");
    code.iter().any(|text| text.split(|character| !is_word(character)).any(|word| word == identifier))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{self, Dependency};

    #[test]
    fn a_dependency_nobody_names_fails() {
        let names = ["http-body-util", "bytes"];
        let package = Package {
            manifest_path: workspace::root().join("crates/a/Cargo.toml"),
            dependencies: names.map(|name| Dependency { name: name.to_owned() }).into(),
            ..Package::default()
        };
        let tree = Tree::of(&[
            ("crates/a/src/a.rs", "//! bytes\nuse http_body_util::Full;\n"),
            ("crates/b/src/b.rs", "use bytes::Bytes;\n"),
        ]);
        assert_eq!(check(&tree, &[package]).len(), 1);
    }
}
