//! What one rule made of one link.

use serde::Deserialize;
use url::Url;

/// One layer taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where the layer says it leads: http(s), with a host, without userinfo, never the link itself.
    pub url: Url,
    /// Id of the rule that took it off.
    pub rule: String,
    pub kind: StepKind,
}

/// What kind of layer a rule takes off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A link around a link.
    #[default]
    Wrapper,
    /// A cache's copy of a page (AMP).
    Amp,
    /// A link for another program that names a web page for those who lack it.
    AppLink,
}
