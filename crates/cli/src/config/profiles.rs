//! Points of view with a name: `[profiles.NAME]` of the file.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use hopline_domain::profile::Profile;

/// Names that are always there.
const BUILT_IN: [&str; 2] = ["desktop", "mobile"];
const NAME_BYTES_MAX: usize = 32;

/// Checks every profile; `egresses` are the ones a profile may name.
pub(super) fn settle(
    profiles: BTreeMap<String, Profile>,
    egresses: &[String],
) -> Result<BTreeMap<String, Profile>> {
    for (name, profile) in &profiles {
        ensure!(
            !BUILT_IN.contains(&name.as_str()),
            "use [profiles.{name}]: that one is built in, choose another name"
        );
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        ensure!(
            (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain),
            "use [profiles.{name:?}]: a name has 1 to {NAME_BYTES_MAX} letters, digits, - and _"
        );
        if let Some((pointer, fault)) = profile.faults(egresses).first() {
            bail!("use [profiles.{name}]: {} {fault}", pointer.trim_start_matches('/'));
        }
    }
    Ok(profiles)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(file: &str) -> Result<BTreeMap<String, Profile>> {
        settle(toml::from_str(file)?, &["office".to_owned()])
    }

    #[test]
    fn a_profile_is_checked_as_a_requests_would_be() {
        let phone =
            settled("[phone]\nform_factor = \"mobile\"\negress = \"office\"\nheaders = { X-A = \"1\" }\n");
        assert_eq!(phone.unwrap()["phone"].egress.as_deref(), Some("office"));
        for (file, expected) in [
            ("[desktop]\n", "use [profiles.desktop]: that one is built in"),
            ("[\"a b\"]\n", "a name has 1 to 32"),
            ("[a]\nheaders = { Cookie = \"1\" }\n", "use [profiles.a]: headers/Cookie "),
            ("[a]\negress = \"moon\"\n", "use [profiles.a]: egress "),
            ("[a]\nuseragent = \"x\"\n", "unknown field `useragent`"),
        ] {
            let error = settled(file).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
