//! Named proxies that links may be resolved through: `[egress.NAME]` of the file, passwords from elsewhere.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use hopline_outbound::{EgressName, Proxy, ProxyTrust};
use serde::Deserialize;

use super::Environment;

const VARIABLE_PREFIX: &str = "EGRESS_";
const VARIABLE_SUFFIX: &str = "_PASSWORD";
/// What both protocols can say, with room for a line end.
const PASSWORD_FILE_BYTES_MAX: usize = 512;

/// What one source says: the file names proxies, the environment gives passwords.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EgressSection {
    pub proxies: BTreeMap<String, ProxySection>,
    /// By the name as it stands in the variable: `HOPLINE_EGRESS_<NAME>_PASSWORD`.
    pub passwords: BTreeMap<String, Secret>,
}

/// `[egress.NAME]` of the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxySection {
    /// `socks5://[USER[:PASSWORD]@]HOST[:PORT]`, or `http://…`.
    pub proxy: Secret,
    /// The operator vouches for an HTTP proxy.
    #[serde(default)]
    pub trusted: bool,
    /// Holds the password and nothing else.
    pub password_file: Option<PathBuf>,
}

/// A text that is, or may hold, a secret (I10).
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EgressSettings {
    pub proxies: BTreeMap<EgressName, Proxy>,
}

impl EgressSettings {
    /// What a profile may name.
    pub fn names(&self) -> Vec<String> {
        self.proxies.keys().map(ToString::to_string).collect()
    }
}

impl EgressSection {
    pub(super) fn from_environment(environment: &Environment) -> Self {
        let passwords = environment.between(VARIABLE_PREFIX, VARIABLE_SUFFIX);
        let passwords = passwords.map(|(name, text)| (name.to_owned(), Secret(text.to_owned())));
        Self { passwords: passwords.collect(), ..Self::default() }
    }

    pub(super) fn over(self, lower: Self) -> Self {
        let mut passwords = lower.passwords;
        passwords.extend(self.passwords);
        let proxies = if self.proxies.is_empty() { lower.proxies } else { self.proxies };
        Self { proxies, passwords }
    }

    pub(super) fn settle(mut self) -> Result<EgressSettings> {
        let mut proxies = BTreeMap::new();
        for (name, section) in self.proxies {
            let password = self.passwords.remove(&variable_part(&name));
            let settled = section.settle(password).with_context(|| format!("use [egress.{name}]"))?;
            let name = name.parse::<EgressName>().with_context(|| format!("use [egress.{name}]"))?;
            proxies.insert(name, settled);
        }
        if let Some(name) = self.passwords.keys().next() {
            bail!(
                "use HOPLINE_{VARIABLE_PREFIX}{name}{VARIABLE_SUFFIX}: the settings file has no such egress"
            );
        }
        Ok(EgressSettings { proxies })
    }
}

fn variable_part(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

impl ProxySection {
    fn settle(self, from_environment: Option<Secret>) -> Result<Proxy> {
        let trust = if self.trusted { ProxyTrust::Trusted } else { ProxyTrust::Untrusted };
        let proxy = Proxy::parse(&self.proxy.0, trust)?;
        ensure!(
            from_environment.is_none() || self.password_file.is_none(),
            "give the password in one place: password_file or the environment"
        );
        let password = match self.password_file {
            Some(path) => Some(read_password(&path)?),
            None => from_environment,
        };
        Ok(match password {
            Some(Secret(password)) => proxy.with_password(&password)?,
            None => proxy,
        })
    }
}

fn read_password(path: &Path) -> Result<Secret> {
    let text =
        fs::read_to_string(path).with_context(|| format!("read the password file {}", path.display()))?;
    let password = text.trim_end_matches(['\r', '\n']);
    ensure!(
        !password.is_empty() && text.len() <= PASSWORD_FILE_BYTES_MAX,
        "read the password file {}: it must hold one password and nothing else",
        path.display()
    );
    Ok(Secret(password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(file: &str, environment: &[(&str, &str)]) -> Result<EgressSettings> {
        #[derive(Deserialize)]
        struct Document {
            egress: BTreeMap<String, ProxySection>,
        }
        let proxies = toml::from_str::<Document>(file)?.egress;
        let lower = EgressSection { proxies, ..EgressSection::default() };
        EgressSection::from_environment(&Environment::of(environment)).over(lower).settle()
    }

    fn fault(file: &str, environment: &[(&str, &str)]) -> String {
        format!("{:#}", settle(file, environment).unwrap_err())
    }

    #[test]
    fn proxies_are_read_and_named() {
        let settings = settle(
            "[egress.tokyo-2]\nproxy = \"socks5://10.0.0.5:1080\"\n[egress.office]\nproxy = \"http://proxy:3128\"\ntrusted = true\n",
            &[],
        );
        assert_eq!(settings.unwrap().names(), ["office", "tokyo-2"]);
    }

    #[test]
    fn an_http_proxy_needs_the_operators_word() {
        let error = fault("[egress.office]\nproxy = \"http://proxy:3128\"\n", &[]);
        assert!(error.starts_with("use [egress.office]: ") && error.contains("trusted = true"), "{error}");
    }

    #[test]
    fn a_password_comes_from_the_url_a_file_or_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, "p@ss word\n").unwrap();
        let in_file = format!("[egress.a-b]\nproxy = \"socks5://u@host\"\npassword_file = {path:?}\n");
        let without = "[egress.a-b]\nproxy = \"socks5://u@host\"\n";
        let variable = [("HOPLINE_EGRESS_A_B_PASSWORD", "p@ss word")];
        let written = settle("[egress.a-b]\nproxy = \"socks5://u:p%40ss%20word@host\"\n", &[]).unwrap();
        assert_eq!(settle(&in_file, &[]).unwrap(), written);
        assert_eq!(settle(without, &variable).unwrap(), written);
        assert_ne!(settle(without, &[]).unwrap(), written);
        assert!(fault(&in_file, &variable).contains("in one place"));
    }

    #[test]
    fn faults_name_the_egress_and_no_secret() {
        for (file, environment, expected) in [
            ("[egress.A]\nproxy = \"socks5://h\"\n", &[][..], "use [egress.A]: name an egress with"),
            ("[egress.a]\nproxy = \"ftp://u:hunter2@h\"\n", &[], "use [egress.a]: the scheme ftp"),
            ("[egress.a]\nproxy = \"socks5://u:hunter2@h/x\"\n", &[], "use [egress.a]: write socks5://"),
            ("[egress.a]\nproxy = \"socks5://u:hunter2@h\"\ntrust = 1\n", &[], "unknown field `trust`"),
            (
                "[egress.a]\nproxy = \"socks5://h\"\n",
                &[("HOPLINE_EGRESS_A_PASSWORD", "hunter2")],
                "use [egress.a]: a password needs a user name",
            ),
            (
                "[egress.a]\nproxy = \"socks5://u@h\"\n",
                &[("HOPLINE_EGRESS_B_PASSWORD", "hunter2")],
                "use HOPLINE_EGRESS_B_PASSWORD: the settings file has no such egress",
            ),
            (
                "[egress.a]\nproxy = \"socks5://u@h\"\npassword_file = \"no-such-file\"\n",
                &[],
                "use [egress.a]: read the password file no-such-file: ",
            ),
        ] {
            let error = fault(file, environment);
            assert!(error.contains(expected), "{error}");
        }
        let settings = settle("[egress.a]\nproxy = \"socks5://u:hunter2@h\"\n", &[]).unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
        let section =
            EgressSection::from_environment(&Environment::of(&[("HOPLINE_EGRESS_A_PASSWORD", "hunter2")]));
        assert!(!format!("{section:?}").contains("hunter2"));
    }
}
