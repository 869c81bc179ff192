//! The environment: `HOPLINE_…` variables, read once and handed on as values.

use std::{collections::BTreeMap, fmt::Display, str::FromStr};

use anyhow::{Context as _, Result, anyhow};

const PREFIX: &str = "HOPLINE_";
/// Variables without our prefix that are read too.
const FOREIGN: [&str; 2] = ["RUST_LOG", "PATH"];

/// What the environment says to Hopline.
#[derive(Clone, Default)]
pub(crate) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The process's own. An empty variable says nothing; values that are no UTF-8 are passed over.
    pub(crate) fn of_process() -> Self {
        let names = |name: &str| name.starts_with(PREFIX) || FOREIGN.contains(&name);
        let said = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self(said.filter(|(name, value)| names(name) && !value.is_empty()).collect())
    }

    #[cfg(test)]
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        Self(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// The text of `HOPLINE_<name>`.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(&format!("{PREFIX}{name}")).map(String::as_str)
    }

    /// The texts of every `HOPLINE_<prefix>…<suffix>`, with what stands between.
    pub(crate) fn between(&self, prefix: &str, suffix: &str) -> impl Iterator<Item = (&str, &str)> {
        let prefix = format!("{PREFIX}{prefix}");
        self.0.iter().filter_map(move |(name, text)| {
            Some((name.strip_prefix(&prefix)?.strip_suffix(suffix)?, text.as_str()))
        })
    }

    /// The text of a variable that is not ours.
    pub(crate) fn foreign(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `HOPLINE_<name>` as what it must be.
    pub(crate) fn value<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>> {
        self.text(name).map(|text| parse(name, text)).transpose()
    }

    /// `HOPLINE_<name>` as a list, separated by white space or commas.
    pub(crate) fn list<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<Vec<T>>> {
        let separated = |text: &str| -> Result<Vec<T>> {
            let items = text.split([',', ' ', '\t', '\n']).filter(|item| !item.is_empty());
            items.map(|item| parse(name, item)).collect()
        };
        self.text(name).map(separated).transpose()
    }
}

fn parse<T: FromStr<Err: Display>>(name: &str, text: &str) -> Result<T> {
    text.trim()
        .parse()
        .map_err(|error| anyhow!("{error}"))
        .with_context(|| format!("read {PREFIX}{name}={text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_split_and_faults_name_the_variable() {
        let environment =
            Environment::of(&[("HOPLINE_ALLOW_NET", "10.0.0.0/8, ::1/128"), ("HOPLINE_N", "x")]);
        let nets: Vec<ipnet::IpNet> = environment.list("ALLOW_NET").unwrap().unwrap();
        assert_eq!(nets.len(), 2);
        let error = environment.value::<u32>("N").unwrap_err();
        assert_eq!(format!("{error:#}"), "read HOPLINE_N=x: invalid digit found in string");
        assert_eq!(environment.value::<u32>("ABSENT").unwrap(), None);
    }
}
