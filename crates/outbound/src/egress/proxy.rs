//! A proxy as the operator states it: `socks5://[user[:password]@]host[:port]`, or `http://…` when trusted.

use std::net::SocketAddr;

use percent_encoding::percent_decode_str;
use tokio::net::TcpStream;
use url::{Host, Url};

use super::{Credentials, EgressName, ProxyFault, http_connect, socks5};

/// RFC 1928 §3.
const SOCKS5_PORT: u16 = 1080;
const HTTP_PORT: u16 = 80;

/// An egress and its place among those configured.
#[derive(Clone, Debug)]
pub(crate) struct Egress {
    pub(crate) position: usize,
    pub(crate) name: EgressName,
    pub(crate) proxy: Proxy,
}

/// A proxy and how to speak to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    protocol: Protocol,
    /// In the form `url` gives the hosts of http URLs.
    pub(crate) host: Host<String>,
    pub(crate) port: u16,
    credentials: Option<Credentials>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Socks5,
    HttpConnect,
}

/// Whether the operator vouches for a proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyTrust {
    #[default]
    Untrusted,
    Trusted,
}

/// Why a proxy is not used. Never repeats the text, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    #[error("write socks5://[USER[:PASSWORD]@]HOST[:PORT] or http://…, nothing after it")]
    Malformed,
    #[error("the scheme {0} is not supported, write socks5:// or http://")]
    Scheme(String),
    #[error("write socks5:// instead of socks5h://: names are looked up and judged here, never by the proxy")]
    NamesElsewhere,
    #[error(
        "an HTTP proxy reads and may answer plain http itself and often goes where it likes, behind the address policy; \
         set trusted = true if this one is yours, or use a SOCKS5 proxy"
    )]
    Untrusted,
    #[error(
        "its credentials can't be sent: user name and password have at most 255 bytes each and no control characters, \
         the user name is not empty and has no colon"
    )]
    Credentials,
    #[error("a password needs a user name, write USER@ before the host")]
    UserMissing,
    #[error("it has a password already, give it in one place")]
    PasswordTwice,
}

impl Proxy {
    /// Reads a proxy's URL; an HTTP proxy needs to be trusted.
    pub fn parse(text: &str, trust: ProxyTrust) -> Result<Self, ProxyError> {
        let url = Url::parse(text).map_err(|_| ProxyError::Malformed)?;
        let (protocol, default_port) = match url.scheme() {
            "socks5" => (Protocol::Socks5, SOCKS5_PORT),
            "http" if trust == ProxyTrust::Trusted => (Protocol::HttpConnect, HTTP_PORT),
            "http" => return Err(ProxyError::Untrusted),
            "socks5h" => return Err(ProxyError::NamesElsewhere),
            other => return Err(ProxyError::Scheme(other.to_owned())),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyError::Malformed);
        }
        let host = url.host_str().and_then(|host| Host::parse(host).ok()).ok_or(ProxyError::Malformed)?;
        let port = url.port().unwrap_or(default_port);
        Ok(Self { protocol, host, port, credentials: credentials_of(&url)? })
    }

    /// Has the proxy at the other end of `stream` connect to `target`.
    pub(crate) async fn connect(&self, stream: &mut TcpStream, target: SocketAddr) -> Result<(), ProxyFault> {
        let credentials = self.credentials.as_ref();
        match self.protocol {
            Protocol::Socks5 => socks5::connect(stream, credentials, target).await,
            Protocol::HttpConnect => http_connect::connect(stream, credentials, target).await,
        }
    }

    /// Adds the password of a user the URL names without one.
    pub fn with_password(self, password: &str) -> Result<Self, ProxyError> {
        let credentials = self.credentials.ok_or(ProxyError::UserMissing)?.with_password(password)?;
        Ok(Self { credentials: Some(credentials), ..self })
    }
}

fn credentials_of(url: &Url) -> Result<Option<Credentials>, ProxyError> {
    let decoded = |part: &str| {
        let text = percent_decode_str(part).decode_utf8();
        text.map(String::from).map_err(|_| ProxyError::Credentials)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err(ProxyError::UserMissing),
        (user, password) => Credentials::new(decoded(user)?, decoded(password.unwrap_or(""))?).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Proxy, ProxyError> {
        Proxy::parse(text, ProxyTrust::Trusted)
    }

    #[test]
    fn a_proxy_is_read() {
        for (text, protocol, host, port) in [
            ("socks5://Proxy.example", Protocol::Socks5, "proxy.example", 1080),
            ("socks5://127.0.0.1:9", Protocol::Socks5, "127.0.0.1", 9),
            ("socks5://[::1]:9/", Protocol::Socks5, "[::1]", 9),
            ("http://proxy.example", Protocol::HttpConnect, "proxy.example", 80),
            ("http://u:p@proxy.example:3128/", Protocol::HttpConnect, "proxy.example", 3128),
        ] {
            let proxy = parse(text).unwrap();
            assert_eq!((proxy.protocol, proxy.host.to_string().as_str(), proxy.port), (protocol, host, port));
        }
        assert!(matches!(parse("socks5://127.0.0.1").unwrap().host, Host::Ipv4(_)));
    }

    #[test]
    fn what_is_no_proxy_is_refused_with_the_reason() {
        for (text, error) in [
            ("", ProxyError::Malformed),
            ("proxy.example:1080", ProxyError::Scheme("proxy.example".to_owned())),
            ("socks5://", ProxyError::Malformed),
            ("socks5://a b", ProxyError::Malformed),
            ("socks5://host/path", ProxyError::Malformed),
            ("http://host/?query", ProxyError::Malformed),
            ("socks5h://host", ProxyError::NamesElsewhere),
            ("https://host", ProxyError::Scheme("https".to_owned())),
            ("socks5://:secret@host", ProxyError::UserMissing),
            ("socks5://user:%ff@host", ProxyError::Credentials),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
        assert_eq!(Proxy::parse("http://host", ProxyTrust::Untrusted), Err(ProxyError::Untrusted));
        assert!(Proxy::parse("socks5://host", ProxyTrust::Untrusted).is_ok());
    }

    #[test]
    fn a_password_comes_from_one_place() {
        let expected = Credentials::new("user".to_owned(), "p@ss".to_owned()).unwrap();
        let written = parse("socks5://user:p%40ss@host").unwrap();
        assert_eq!(written.credentials.as_ref(), Some(&expected));
        let added = parse("socks5://user@host").unwrap().with_password("p@ss").unwrap();
        assert_eq!(added, written);
        assert_eq!(added.with_password("other"), Err(ProxyError::PasswordTwice));
        assert_eq!(parse("socks5://host").unwrap().with_password("p"), Err(ProxyError::UserMissing));
    }
}
