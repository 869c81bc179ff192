//! `[links]`: what the operator forbids links to lead to.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use url::Host;

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinksSection {
    /// Hosts that no link may lead to, with all below them.
    pub blocked_hosts: Vec<String>,
}

/// What holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinksSettings {
    /// As URLs write them: lower case, ASCII.
    pub blocked_hosts: Vec<String>,
}

impl LinksSection {
    pub(super) fn settle(self) -> Result<LinksSettings> {
        let host = |text: &String| {
            let text = text.trim().trim_matches('.');
            let host = Host::parse(text);
            host.map(|host| host.to_string())
                .with_context(|| format!("use [links] blocked_hosts: {text:?} is no host"))
        };
        let blocked_hosts: Result<Vec<String>> = self.blocked_hosts.iter().map(host).collect();
        Ok(LinksSettings { blocked_hosts: blocked_hosts? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(hosts: &[&str]) -> Result<Vec<String>> {
        let blocked_hosts = hosts.iter().map(|&host| host.to_owned()).collect();
        LinksSection { blocked_hosts }.settle().map(|settings| settings.blocked_hosts)
    }

    #[test]
    fn hosts_are_written_as_urls_write_them() {
        assert_eq!(
            settle(&["Bad.Example", ".bücher.example."]).unwrap(),
            ["bad.example", "xn--bcher-kva.example"]
        );
        let error = settle(&["https://bad.example"]).unwrap_err().to_string();
        assert_eq!(error, "use [links] blocked_hosts: \"https://bad.example\" is no host");
    }
}
