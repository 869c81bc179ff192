//! The shape of `rules.toml` as it is written. Meaning is given to it in `rule.rs` and `strict.rs`.

use serde::Deserialize;

use crate::{decode::Decode, step::StepKind};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesFile {
    #[serde(default)]
    pub(crate) never: NeverFile,
    #[serde(rename = "rule")]
    pub(crate) rules: Vec<RuleFile>,
}

/// `[never]`: where strict rules must not decode.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NeverFile {
    pub(crate) hosts: Vec<String>,
    pub(crate) words: Vec<String>,
    pub(crate) parameters: Vec<String>,
    pub(crate) extensions: Vec<String>,
}

/// `[[rule]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleFile {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) kind: StepKind,
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    pub(crate) scheme: Option<String>,
    #[serde(default)]
    pub(crate) paths: Vec<String>,
    #[serde(default)]
    pub(crate) query: Vec<String>,
    pub(crate) from: Option<Place>,
    #[serde(default)]
    pub(crate) decode: Vec<Decode>,
    #[serde(default)]
    pub(crate) drop: Vec<String>,
    #[serde(default)]
    pub(crate) words: Vec<String>,
    #[serde(default)]
    pub(crate) strict: bool,
    #[serde(default)]
    pub(crate) same_site: bool,
    #[serde(default)]
    pub(crate) examples: Vec<Example>,
}

/// `from`: where in the link the value is, if not in a query parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    Path,
    /// With query and fragment.
    PathToEnd,
    /// The whole query, undecoded, with the fragment.
    QueryToEnd,
    Fragment,
    Link,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    pub(crate) from: String,
    pub(crate) to: String,
}
