//! What may be dialled, and names that are answered here instead of by DNS.

use anyhow::{Context as _, Result};
use clap::Args;
use hopline_domain::address::AddressPolicy;
use hopline_outbound::StaticName;
use ipnet::IpNet;
use serde::Deserialize;

use super::Environment;

/// What one source says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSection {
    /// Private net that may be dialled, plain http included; repeat for more
    #[arg(long, value_name = "CIDR")]
    pub allow_net: Option<Vec<IpNet>>,
    /// Address of a host and port, as curl's --resolve; repeat for more
    #[arg(long, value_name = "HOST:PORT:ADDR")]
    pub resolve: Option<Vec<String>>,
}

/// What holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkSettings {
    pub policy: AddressPolicy,
    pub static_names: Vec<StaticName>,
}

impl NetworkSection {
    /// Entries of `HOPLINE_RESOLVE` are separated by white space: a comma separates the addresses of one entry.
    pub(super) fn from_environment(environment: &Environment) -> Result<Self> {
        let resolve = environment.text("RESOLVE");
        Ok(Self {
            allow_net: environment.list("ALLOW_NET")?,
            resolve: resolve.map(|text| text.split_whitespace().map(str::to_owned).collect()),
        })
    }

    pub(super) fn over(self, lower: Self) -> Self {
        Self { allow_net: self.allow_net.or(lower.allow_net), resolve: self.resolve.or(lower.resolve) }
    }

    pub(crate) fn settle(self) -> Result<NetworkSettings> {
        let entries = self.resolve.unwrap_or_default();
        let static_names: Result<Vec<StaticName>, _> = entries.iter().map(|entry| entry.parse()).collect();
        Ok(NetworkSettings {
            policy: AddressPolicy::new(self.allow_net.unwrap_or_default()),
            static_names: static_names.context("use --resolve")?,
        })
    }
}
