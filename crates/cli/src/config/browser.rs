//! Which browser is used, who it runs as, and how much it may take.

use std::{ffi::OsString, path::PathBuf, str::FromStr};

use anyhow::{Result, ensure};
use hopline_browser::{BrowserBounds, BrowserConfig, RunAs, Sandbox};
use serde::Deserialize;
use strum::EnumString;

use super::Environment;

const TABS_MAX: usize = 64;
/// Chromium does not come up with less.
const MEMORY_BYTES_MIN: u64 = 256 * 1024 * 1024;

/// Whether Chromium shuts its pages in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BrowserSandbox {
    On,
    /// For machines that allow no sandbox and are one themselves. Only ever by hand.
    Off,
}

/// `UID:GID` of an unprivileged user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BrowserUser(RunAs);

/// `[browser]` of the file, and what the environment says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrowserSection {
    /// Chromium or Chrome; absent = looked for.
    pub executable: Option<PathBuf>,
    pub sandbox: Option<BrowserSandbox>,
    /// Who the browser runs as when Hopline runs as root.
    pub user: Option<BrowserUser>,
    /// Links open in the browser at once.
    pub tabs_max: Option<usize>,
    /// Of the browser with all its processes.
    pub memory_bytes_max: Option<u64>,
    /// Where programs are looked for; the environment's word only.
    #[serde(skip)]
    pub search_path: Option<OsString>,
}

impl FromStr for BrowserUser {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ids = text.split_once(':').and_then(|(uid, gid)| Some((uid.parse().ok()?, gid.parse().ok()?)));
        match ids {
            Some((0, _) | (_, 0)) => {
                Err("root can't be the browser's user or group: it runs what strangers wrote".to_owned())
            }
            Some((uid, gid)) => Ok(Self(RunAs { uid, gid })),
            None => Err("write UID:GID, two numbers, as in 65534:65534".to_owned()),
        }
    }
}

impl TryFrom<String> for BrowserUser {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl BrowserSection {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self> {
        Ok(Self {
            executable: environment.value("BROWSER_EXECUTABLE")?,
            sandbox: environment.value("BROWSER_SANDBOX")?,
            user: environment.value("BROWSER_USER")?,
            tabs_max: environment.value("BROWSER_TABS_MAX")?,
            memory_bytes_max: environment.value("BROWSER_MEMORY_BYTES_MAX")?,
            search_path: environment.foreign("PATH").map(OsString::from),
        })
    }

    pub(super) fn over(self, lower: Self) -> Self {
        Self {
            executable: self.executable.or(lower.executable),
            sandbox: self.sandbox.or(lower.sandbox),
            user: self.user.or(lower.user),
            tabs_max: self.tabs_max.or(lower.tabs_max),
            memory_bytes_max: self.memory_bytes_max.or(lower.memory_bytes_max),
            search_path: self.search_path.or(lower.search_path),
        }
    }

    pub(super) fn settle(self) -> Result<BrowserConfig> {
        let config = BrowserConfig::default();
        Ok(BrowserConfig {
            bounds: self.bounds()?,
            path: self.executable,
            search_path: self.search_path,
            sandbox: match self.sandbox {
                Some(BrowserSandbox::Off) => Sandbox::Off,
                Some(BrowserSandbox::On) | None => Sandbox::On,
            },
            run_as: self.user.map_or(config.run_as, |BrowserUser(run_as)| run_as),
            ..config
        })
    }

    /// A page may not take more than the whole browser.
    fn bounds(&self) -> Result<BrowserBounds> {
        let default = BrowserBounds::default();
        let tabs_max = self.tabs_max.unwrap_or(default.tabs_max);
        ensure!(
            (1..=TABS_MAX).contains(&tabs_max),
            "use [browser] tabs_max = {tabs_max}: write 1 to {TABS_MAX}"
        );
        let memory_bytes_max = self.memory_bytes_max.unwrap_or(default.process_memory_bytes_max);
        ensure!(
            memory_bytes_max >= MEMORY_BYTES_MIN,
            "use [browser] memory_bytes_max = {memory_bytes_max}: write {MEMORY_BYTES_MIN} or more"
        );
        Ok(BrowserBounds {
            tabs_max,
            process_memory_bytes_max: memory_bytes_max,
            page_memory_bytes_max: default.page_memory_bytes_max.min(memory_bytes_max),
            ..default
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sandbox_is_on_unless_switched_off_by_hand() {
        assert_eq!(BrowserSection::default().settle().unwrap(), BrowserConfig::default());
        let off = BrowserSection { sandbox: Some(BrowserSandbox::Off), ..BrowserSection::default() };
        assert_eq!(off.settle().unwrap().sandbox, Sandbox::Off);
        assert!(
            Environment::of(&[("HOPLINE_BROWSER_SANDBOX", "0")])
                .value::<BrowserSandbox>("BROWSER_SANDBOX")
                .is_err()
        );
    }

    #[test]
    fn the_browsers_user_is_never_root() {
        assert_eq!("1000:100".parse(), Ok(BrowserUser(RunAs { uid: 1000, gid: 100 })));
        for text in ["0:0", "0:1", "1:0", "nobody", "1", "1:", "-1:1", "1:1:1"] {
            assert!(text.parse::<BrowserUser>().is_err(), "{text}");
        }
    }

    #[test]
    fn bounds_are_checked_and_a_page_fits_into_the_browser() {
        let section = |tabs_max, memory_bytes_max| BrowserSection {
            tabs_max,
            memory_bytes_max,
            ..BrowserSection::default()
        };
        for refused in [section(Some(0), None), section(Some(65), None), section(None, Some(1))] {
            assert!(refused.settle().unwrap_err().to_string().starts_with("use [browser] "));
        }
        let small = section(None, Some(MEMORY_BYTES_MIN)).settle().unwrap().bounds;
        assert_eq!(small.page_memory_bytes_max, MEMORY_BYTES_MIN);
    }
}
