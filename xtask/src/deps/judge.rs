//! Holds each package against the policy. Pure, so that every rule has a failing test.

use std::collections::{BTreeMap, BTreeSet};

use super::licence;
use super::policy::Policy;
use crate::workspace::Package;

/// One sentence per package that breaks the policy.
pub(super) fn complaints(policy: &Policy, packages: &[Package]) -> Vec<String> {
    let single = packages.iter().flat_map(|package| about_one(policy, package));
    single.chain(duplicates(policy, packages)).chain(unused_skips(policy, packages)).collect()
}

fn about_one(policy: &Policy, package: &Package) -> Vec<String> {
    let name = format!("{}@{}", package.name, package.version);
    let licence = licence_complaint(policy, package);
    let banned =
        policy.bans.deny.iter().any(|entry| entry.name == package.name).then_some("is banned".to_owned());
    let foreign = foreign_source(policy, package);
    [licence, banned, foreign].into_iter().flatten().map(|complaint| format!("{name} {complaint}")).collect()
}

fn licence_complaint(policy: &Policy, package: &Package) -> Option<String> {
    let Some(expression) = &package.license else {
        return Some("names no licence".to_owned());
    };
    match licence::is_allowed(expression, &policy.licenses.allow) {
        Some(true) => None,
        Some(false) => Some(format!("is licensed `{expression}`, which deny.toml does not allow")),
        None => Some(format!("has the malformed licence expression `{expression}`")),
    }
}

fn foreign_source(policy: &Policy, package: &Package) -> Option<String> {
    let source = package.source.as_ref()?;
    let known = policy.sources.allow_registry.iter().any(|registry| source.ends_with(registry.as_str()));
    (!known).then(|| format!("comes from {source}"))
}

fn duplicates(policy: &Policy, packages: &[Package]) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages.iter().filter(|package| !is_skipped(policy, package)) {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    let doubled = versions.into_iter().filter(|(_, versions)| versions.len() > 1);
    doubled
        .map(|(name, versions)| {
            let versions: Vec<&str> = versions.into_iter().collect();
            format!("{name} is built in {} versions: {}", versions.len(), versions.join(", "))
        })
        .collect()
}

fn unused_skips(policy: &Policy, packages: &[Package]) -> Vec<String> {
    let built: BTreeSet<String> = packages.iter().map(specifier).collect();
    let unused = policy.bans.skip.iter().filter(|entry| !built.contains(&entry.name));
    unused
        .map(|entry| format!("{} is skipped in deny.toml but no longer built: remove the line", entry.name))
        .collect()
}

fn is_skipped(policy: &Policy, package: &Package) -> bool {
    let specifier = specifier(package);
    policy.bans.skip.iter().any(|entry| entry.name == specifier)
}

fn specifier(package: &Package) -> String {
    format!("{}@{}", package.name, package.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        [graph]
        targets = []
        [licenses]
        allow = ["MIT"]
        [bans]
        deny = [{ crate = "openssl" }]
        skip = [{ crate = "old@1.0.0" }]
        [sources]
        allow-registry = ["https://registry.example/index"]
    "#;

    fn package(name: &str, version: &str, license: &str) -> Package {
        Package {
            name: name.into(),
            version: version.into(),
            license: Some(license.into()),
            source: Some("registry+https://registry.example/index".into()),
            ..Package::default()
        }
    }

    #[test]
    fn allowed_packages_pass() {
        let policy = toml::from_str(POLICY).unwrap();
        let packages =
            [package("a", "1.0.0", "MIT"), package("old", "1.0.0", "MIT"), package("old", "2.0.0", "MIT")];
        assert_eq!(complaints(&policy, &packages), Vec::<String>::new());
    }

    #[test]
    fn every_rule_can_fail() {
        let policy = toml::from_str(POLICY).unwrap();
        let git =
            Package { source: Some("git+https://git.example/x".into()), ..package("g", "1.0.0", "MIT") };
        let packages = [
            package("a", "1.0.0", "GPL-3.0-only"),
            package("openssl", "1.0.0", "MIT"),
            git,
            package("twice", "1.0.0", "MIT"),
            package("twice", "2.0.0", "MIT"),
        ];
        // Licence, ban, source, duplicate, and the skip of `old` that nothing needs.
        assert_eq!(complaints(&policy, &packages).len(), 5);
    }
}
