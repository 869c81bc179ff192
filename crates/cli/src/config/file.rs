//! The TOML file of `--config`. Unknown keys are errors, told with their line.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow};
use hopline_domain::{plan::Plan, profile::Profile};
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use super::{
    AdminListen, BrowserSection, BudgetsSection, ClicksSection, EgressSection, FolderSection, Layer,
    LimitsSection, LinksSection, ListenSection, LogFormat, NetworkSection, PolitenessSection, ProxySection,
    RetentionSection, ScriptSection, TelemetrySection,
};

/// The file as it is written: what flags say at the top, then the sections.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Document {
    data: Option<PathBuf>,
    database: Option<String>,
    master_key_file: Option<PathBuf>,
    listen: Option<SocketAddr>,
    admin_listen: Option<AdminListen>,
    public_url: Option<Url>,
    trusted_proxy: Option<Vec<IpNet>>,
    allow_net: Option<Vec<IpNet>>,
    resolve: Option<Vec<String>>,
    log: Log,
    telemetry: Telemetry,
    limits: LimitsSection,
    links: LinksSection,
    retention: RetentionSection,
    budgets: BudgetsSection,
    egress: BTreeMap<String, ProxySection>,
    politeness: PolitenessSection,
    browser: BrowserSection,
    script: ScriptSection,
    clicks: ClicksSection,
    profiles: BTreeMap<String, Profile>,
    plans: BTreeMap<String, Plan>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Log {
    format: Option<LogFormat>,
    level: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Telemetry {
    otlp_endpoint: Option<Url>,
}

/// Reads the file; relative paths in it are taken from the working directory, as on the command line.
pub(super) fn read(path: &Path) -> Result<Layer> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("read the settings file {}", path.display()))?;
    parse(&text).with_context(|| format!("read the settings file {}", path.display()))
}

fn parse(text: &str) -> Result<Layer> {
    let document: Document = toml::from_str(text).map_err(|error| anyhow!("{}", one_line(&error, text)))?;
    Ok(document.into_layer())
}

/// toml's own display spans several lines; ours says the line's number and the message's first line.
fn one_line(error: &toml::de::Error, text: &str) -> String {
    let message = error.message().lines().collect::<Vec<_>>().join(" ");
    let line =
        error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
    line.map_or_else(|| message.clone(), |line| format!("line {line}: {message}"))
}

impl Document {
    fn into_layer(self) -> Layer {
        Layer {
            folder: FolderSection {
                data: self.data,
                database: self.database,
                master_key_file: self.master_key_file,
            },
            listen: ListenSection {
                listen: self.listen,
                admin_listen: self.admin_listen,
                public_url: self.public_url,
                trusted_proxy: self.trusted_proxy,
            },
            network: NetworkSection { allow_net: self.allow_net, resolve: self.resolve },
            telemetry: TelemetrySection {
                log_format: self.log.format,
                log_level: self.log.level,
                otlp_endpoint: self.telemetry.otlp_endpoint,
            },
            egress: EgressSection { proxies: self.egress, ..EgressSection::default() },
            politeness: self.politeness,
            browser: self.browser,
            script: self.script,
            clicks: self.clicks,
            limits: self.limits,
            links: self.links,
            retention: self.retention,
            budgets: self.budgets,
            profiles: self.profiles,
            plans: self.plans,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BrowserSandbox;

    #[test]
    fn faults_are_one_line_that_names_the_line() {
        for (text, expected) in [
            ("data = \"d\"\nlissten = \"127.0.0.1:1\"\n", "line 2: unknown field `lissten`"),
            ("\n[retention]\njobs_days = \"ninety\"\n", "line 3: invalid type"),
            ("listen = \"here\"\n", "line 1: invalid socket address"),
            ("[plans.free]\nlimits = { kees = 1 }\n", "line 2: unknown field `kees`"),
            ("[browser]\nsandbox = \"no\"\n", "line 2: unknown variant `no`"),
            ("[browser]\nuser = \"root\"\n", "line 2: write UID:GID"),
            ("[script]\npages = 1\n", "line 2: unknown field `pages`"),
            ("[clicks]\non_failure = \"hope\"\n", "line 2: unknown variant `hope`"),
            ("[egress.a]\nproxy = \"socks5://h\"\ntrust = true\n", "line 3: unknown field `trust`"),
            ("[egress.a]\ntrusted = true\n", "line 1: missing field `proxy`"),
            ("[politeness]\ninterval = 1\n", "line 2: unknown field `interval`"),
            ("listen = \n", "line 1: "),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(expected) && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn every_section_is_read() {
        let layer = parse(
            "allow_net = [\"10.0.0.0/8\"]\nadmin_listen = \"off\"\n[log]\nformat = \"json\"\n[telemetry]\n\
             otlp_endpoint = \"http://127.0.0.1:4318\"\n[limits]\nmin_free_bytes = 1\n[budgets]\nhops_max = 5\n\
             [plans.free.limits]\nkeys = 1\n[egress.a]\nproxy = \"socks5://h\"\n[politeness]\ninterval_ms = 7\n\
             [browser]\nsandbox = \"off\"\n[script]\npages_max = 3\n[clicks]\nsync_ms = 0\n[profiles.phone]\nform_factor = \"mobile\"\n",
        )
        .unwrap();
        assert_eq!(layer.listen.admin_listen, Some(AdminListen::Off));
        assert_eq!(layer.telemetry.log_format, Some(LogFormat::Json));
        assert_eq!(layer.limits.min_free_bytes, Some(1));
        assert_eq!(layer.budgets.hops_max, Some(5));
        assert_eq!(layer.plans["free"].limits.keys, Some(1));
        assert!(layer.egress.proxies.contains_key("a") && layer.profiles.contains_key("phone"));
        assert_eq!(layer.politeness.interval_ms, Some(7));
        assert_eq!(layer.browser.sandbox, Some(BrowserSandbox::Off));
        assert_eq!(layer.script.pages_max, Some(3));
        assert_eq!(layer.clicks.sync_ms, Some(0));
    }
}
