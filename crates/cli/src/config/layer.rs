//! One source's say on every setting, and laying sources over each other.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Result;
use clap::Args;
use hopline_domain::{plan::Plan, profile::Profile};

use super::{
    BrowserSection, BudgetsSection, ClicksSection, EgressSection, Environment, FolderSection, LimitsSection,
    LinksSection, ListenSection, NetworkSection, PolitenessSection, RetentionSection, ScriptSection,
    Settings, TelemetrySection, file,
};

/// What one source says; what it is silent on is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    pub folder: FolderSection,
    pub listen: ListenSection,
    pub network: NetworkSection,
    pub egress: EgressSection,
    pub politeness: PolitenessSection,
    pub browser: BrowserSection,
    pub script: ScriptSection,
    pub clicks: ClicksSection,
    pub telemetry: TelemetrySection,
    pub limits: LimitsSection,
    pub links: LinksSection,
    pub retention: RetentionSection,
    pub budgets: BudgetsSection,
    pub profiles: BTreeMap<String, Profile>,
    pub plans: BTreeMap<String, Plan>,
}

/// The settings file, for every command that reads settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct Sources {
    /// Settings file, TOML
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Layer {
    fn from_environment(environment: &Environment) -> Result<Self> {
        Ok(Self {
            folder: FolderSection::from_environment(environment)?,
            listen: ListenSection::from_environment(environment)?,
            network: NetworkSection::from_environment(environment)?,
            egress: EgressSection::from_environment(environment),
            politeness: PolitenessSection::from_environment(environment)?,
            browser: BrowserSection::from_environment(environment)?,
            clicks: ClicksSection::from_environment(environment)?,
            telemetry: TelemetrySection::from_environment(environment)?,
            limits: LimitsSection::from_environment(environment)?,
            ..Self::default()
        })
    }

    /// This source's say, else the lower one's. Sections that only the file has are the file's.
    fn over(self, lower: Self) -> Self {
        Self {
            folder: self.folder.over(lower.folder),
            listen: self.listen.over(lower.listen),
            network: self.network.over(lower.network),
            egress: self.egress.over(lower.egress),
            politeness: self.politeness.over(lower.politeness),
            browser: self.browser.over(lower.browser),
            script: lower.script,
            clicks: self.clicks.over(lower.clicks),
            telemetry: self.telemetry.over(lower.telemetry),
            limits: self.limits.over(lower.limits),
            links: lower.links,
            retention: lower.retention,
            budgets: lower.budgets,
            profiles: lower.profiles,
            plans: lower.plans,
        }
    }
}

impl Sources {
    /// Settles `flags` over the environment over the file over the defaults.
    pub(crate) fn settle(&self, flags: Layer, environment: &Environment) -> Result<Settings> {
        let path = self.config.clone().or(environment.value("CONFIG")?);
        let file = path.as_deref().map(file::read).transpose()?.unwrap_or_default();
        Settings::of(flags.over(Layer::from_environment(environment)?.over(file)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(flags: Layer, environment: &[(&str, &str)], file: &str) -> Result<Settings> {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("hopline.toml");
        std::fs::write(&config, file).unwrap();
        Sources { config: Some(config) }.settle(flags, &Environment::of(environment))
    }

    fn listen(address: &str) -> Layer {
        let listen = ListenSection { listen: Some(address.parse().unwrap()), ..ListenSection::default() };
        Layer { listen, ..Layer::default() }
    }

    #[test]
    fn flags_beat_the_environment_beats_the_file_beats_defaults() {
        let file = "listen = \"127.0.0.1:3\"\ndata = \"from-file\"\n[limits]\nresolve_concurrency = 3\n";
        let environment = [("HOPLINE_LISTEN", "127.0.0.1:2"), ("HOPLINE_DATA", "from-environment")];
        let port = |settings: &Settings| settings.listen.listen.port();

        let all = settle(listen("127.0.0.1:1"), &environment, file).unwrap();
        assert_eq!(port(&all), 1);
        assert_eq!(all.folder.data.to_str(), Some("from-environment"));
        assert_eq!(all.folder.master_key_file, PathBuf::from("from-environment/master.key"));
        assert_eq!(all.limits.resolve_concurrency, 3);
        assert_eq!(port(&settle(Layer::default(), &environment, file).unwrap()), 2);
        assert_eq!(port(&settle(Layer::default(), &[], file).unwrap()), 3);
        assert_eq!(settle(Layer::default(), &[], "").unwrap(), Settings::default());
    }

    #[test]
    fn a_bad_variable_or_file_is_named() {
        let error = settle(Layer::default(), &[("HOPLINE_LISTEN", "here")], "").unwrap_err();
        assert!(format!("{error:#}").starts_with("read HOPLINE_LISTEN=here: "));
        let missing = Sources { config: Some("no-such-file.toml".into()) };
        let error = missing.settle(Layer::default(), &Environment::default()).unwrap_err();
        assert!(format!("{error:#}").starts_with("read the settings file no-such-file.toml: "));
    }
}
