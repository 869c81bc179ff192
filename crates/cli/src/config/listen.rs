//! Where the server listens, what it calls itself, and whose word on the client's address it takes.

use std::{net::SocketAddr, str::FromStr};

use anyhow::{Result, bail};
use clap::Args;
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use super::Environment;

const LISTEN_DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
pub(crate) const ADMIN_LISTEN_DEFAULT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9090);

/// Where metrics and readiness details answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum AdminListen {
    /// 127.0.0.1:9090, or nowhere if that is taken.
    #[default]
    Default,
    Off,
    At(SocketAddr),
}

impl FromStr for AdminListen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            _ => text.parse().map(Self::At).map_err(|_| "write ADDRESS:PORT or `off`".to_owned()),
        }
    }
}

impl TryFrom<String> for AdminListen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// What one source says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListenSection {
    /// Address of the API; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Address of metrics and readiness details, or `off` [default: 127.0.0.1:9090]
    #[arg(long, value_name = "ADDR")]
    pub admin_listen: Option<AdminListen>,
    /// Base of every URL that is printed [default: http:// and the API's address]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<Url>,
    /// Proxy whose Forwarded or X-Forwarded-For is believed; repeat for more
    #[arg(long, value_name = "CIDR")]
    pub trusted_proxy: Option<Vec<IpNet>>,
}

/// What holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenSettings {
    pub listen: SocketAddr,
    pub admin_listen: AdminListen,
    /// `None` = from the address really bound.
    pub public_url: Option<Url>,
    pub trusted_proxies: Vec<IpNet>,
}

impl ListenSection {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self> {
        Ok(Self {
            listen: environment.value("LISTEN")?,
            admin_listen: environment.value("ADMIN_LISTEN")?,
            public_url: environment.value("PUBLIC_URL")?,
            trusted_proxy: environment.list("TRUSTED_PROXY")?,
        })
    }

    pub(super) fn over(self, lower: Self) -> Self {
        Self {
            listen: self.listen.or(lower.listen),
            admin_listen: self.admin_listen.or(lower.admin_listen),
            public_url: self.public_url.or(lower.public_url),
            trusted_proxy: self.trusted_proxy.or(lower.trusted_proxy),
        }
    }

    pub(super) fn settle(self) -> Result<ListenSettings> {
        if let Some(url) = &self.public_url {
            check_public_url(url)?;
        }
        Ok(ListenSettings {
            listen: self.listen.unwrap_or(LISTEN_DEFAULT),
            admin_listen: self.admin_listen.unwrap_or_default(),
            public_url: self.public_url,
            trusted_proxies: self.trusted_proxy.unwrap_or_default(),
        })
    }
}

fn check_public_url(url: &Url) -> Result<()> {
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || !plain {
        bail!("use the public URL {url}: it must be http or https, without user name, query and fragment");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_admin_listener_can_be_named_or_switched_off() {
        assert_eq!("off".parse(), Ok(AdminListen::Off));
        assert_eq!("127.0.0.1:1".parse(), Ok(AdminListen::At("127.0.0.1:1".parse().unwrap())));
        assert!("on".parse::<AdminListen>().is_err());
    }

    #[test]
    fn a_public_url_is_a_base() {
        for (text, ok) in
            [("https://x.example/hop", true), ("ftp://x.example", false), ("https://x.example/?a", false)]
        {
            let section =
                ListenSection { public_url: Some(text.parse().unwrap()), ..ListenSection::default() };
            assert_eq!(section.settle().is_ok(), ok, "{text}");
        }
    }
}
