//! Why a rules file can't be used. A file with one bad rule is refused whole: half a table decodes the wrong things.

/// Why a rules file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    #[error("read the rules file: it is no valid TOML for rules")]
    Syntax(#[from] toml::de::Error),
    #[error("read rule {rule:?}: {fault}")]
    Rule { rule: String, fault: String },
    #[error("prove rule {rule:?}: its example {from:?} gives {got}, not {to:?}")]
    Example { rule: String, from: String, to: String, got: String },
}

impl RulesError {
    pub(crate) fn rule(rule: &str, fault: impl Into<String>) -> Self {
        Self::Rule { rule: rule.to_owned(), fault: fault.into() }
    }
}
