//! Rule: dependencies between our crates point one way, and some foreign crates have one home.

use super::finding::Finding;
use crate::workspace::Package;

/// What each room may depend on. A room that is not listed may depend on nothing of ours.
const DIRECTIONS: [(&str, &[&str]); 15] = [
    ("domain", &[]),
    ("signing", &[]),
    ("outbound", &["domain"]),
    ("store", &["domain"]),
    // The engine of other people's scripts knows nothing of ours, least of all a way out.
    ("script", &[]),
    ("offline", &[]),
    ("qr", &[]),
    ("browser", &["domain", "outbound"]),
    ("peel", &["domain", "outbound", "offline", "script", "browser"]),
    // The journal knows neither the database it is folded into nor the answers it is written for.
    ("clicks", &["domain"]),
    ("client", &["domain", "signing"]),
    ("server", &["domain", "signing", "outbound", "qr"]),
    ("engine", &["domain", "peel", "outbound", "signing"]),
    ("agent", &["domain", "client", "peel", "signing"]),
    ("xtask", &["domain"]),
];
/// Rooms that put the others together.
const COMPOSERS: [&str; 3] = ["cli", "testkit", "bench"];

/// Foreign crates that only the listed rooms may name.
const HOMES: [(&str, &[&str]); 3] = [
    // Below these rooms an error has a type.
    ("anyhow", &["cli", "xtask", "bench"]),
    // The bench compares with a bare loop; the tests look at the database from outside.
    ("rusqlite", &["store", "bench", "testkit"]),
    // Redirects are followed by hand; the bench compares with a client that follows by itself.
    ("reqwest", &["bench"]),
];
/// Foreign crates the pure core must not know: runtimes, HTTP stacks, databases.
const BANNED_IN_DOMAIN: [&str; 8] =
    ["tokio", "hyper", "hyper-util", "axum", "tower", "rusqlite", "tokio-postgres", "reqwest"];

pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let room = room_of(&package.name).unwrap_or(&package.name);
    let names = package.dependencies.iter().map(|dependency| dependency.name.as_str());
    let complaints = names.filter_map(|name| complaint(room, name));
    complaints.map(|message| Finding::whole(&package.name, message)).collect()
}

fn complaint(room: &str, dependency: &str) -> Option<String> {
    if let Some(target) = room_of(dependency) {
        return (!may_use(room, target))
            .then(|| format!("must not depend on `{dependency}` (wrong direction)"));
    }
    if room == "domain" && BANNED_IN_DOMAIN.contains(&dependency) {
        return Some(format!("must not depend on `{dependency}`: the core does no I/O"));
    }
    let (_, rooms) = HOMES.iter().find(|(name, _)| *name == dependency)?;
    (!rooms.contains(&room))
        .then(|| format!("must not depend on `{dependency}`: only {} may", rooms.join(", ")))
}

fn may_use(room: &str, target: &str) -> bool {
    COMPOSERS.contains(&room)
        || DIRECTIONS.iter().any(|(name, allowed)| *name == room && allowed.contains(&target))
}

fn room_of(package: &str) -> Option<&str> {
    package.strip_prefix("hopline-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(name: &str, dependencies: &[&str]) -> Package {
        let dependencies = dependencies.iter().map(|name| Dependency { name: (*name).to_owned() }).collect();
        Package { name: name.to_owned(), dependencies, ..Package::default() }
    }

    #[test]
    fn the_drawn_directions_pass() {
        let packages = [
            package("hopline-cli", &["hopline-engine", "hopline-store", "anyhow"]),
            package(
                "hopline-engine",
                &["hopline-domain", "hopline-peel", "hopline-outbound", "hopline-signing", "tokio"],
            ),
            package("hopline-store", &["hopline-domain", "rusqlite"]),
            package("xtask", &["anyhow"]),
        ];
        assert_eq!(check(&packages), []);
    }

    #[test]
    fn wrong_directions_fail() {
        for (name, dependency) in [
            ("hopline-domain", "hopline-store"),
            ("hopline-domain", "tokio"),
            ("hopline-signing", "hopline-domain"),
            ("hopline-server", "hopline-engine"),
            ("hopline-server", "hopline-store"),
            ("hopline-engine", "hopline-store"),
            ("hopline-peel", "hopline-signing"),
            ("hopline-agent", "hopline-store"),
            ("hopline-server", "anyhow"),
            ("hopline-engine", "rusqlite"),
            ("hopline-peel", "reqwest"),
            ("hopline-novelty", "hopline-domain"),
        ] {
            assert_eq!(check(&[package(name, &[dependency])]).len(), 1, "{name} → {dependency}");
        }
    }
}
