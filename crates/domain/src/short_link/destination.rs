//! Where a link may lead: the text of a destination, judged when it is written into the link.

use url::Url;

use crate::limits;

/// What this server never sends visitors to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DestinationPolicy {
    /// Hosts of our own (`host` or `host:port`): a link there would send visitors in circles.
    pub own_hosts: Vec<String>,
    /// Hosts the operator forbids, with all below them.
    pub blocked_hosts: Vec<String>,
}

/// Why a destination is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationRefusal {
    #[error("the URL is missing")]
    Empty,
    #[error("the URL is longer than {} bytes", limits::URL_BYTES_MAX)]
    TooLong,
    #[error("this is no URL: {0}")]
    Malformed(url::ParseError),
    #[error("only http and https URLs can be a destination")]
    Scheme,
    #[error("the URL carries a user name or password; leave it out")]
    Userinfo,
    #[error("the destination is a short domain of this server; give the final destination")]
    OwnDomain,
    #[error("the server's operator does not allow links to {host}")]
    BlockedHost { host: String },
}

impl DestinationRefusal {
    /// A stable word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooLong => "too_long",
            Self::Malformed(_) => "not_a_url",
            Self::Scheme => "scheme",
            Self::Userinfo => "userinfo",
            Self::OwnDomain => "own_domain",
            Self::BlockedHost { .. } => "blocked_host",
        }
    }
}

impl DestinationPolicy {
    /// The destination as links keep it: serialised by the WHATWG URL standard, so that it is ASCII and fits a header.
    pub fn judge(&self, text: &str) -> Result<String, DestinationRefusal> {
        if text.is_empty() {
            return Err(DestinationRefusal::Empty);
        }
        if text.len() > limits::URL_BYTES_MAX {
            return Err(DestinationRefusal::TooLong);
        }
        let url = Url::parse(text).map_err(DestinationRefusal::Malformed)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(DestinationRefusal::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(DestinationRefusal::Userinfo);
        }
        self.judge_host(&url)?;
        // Writing it down may have made it longer: every byte of a foreign letter becomes three.
        if url.as_str().len() > limits::URL_BYTES_MAX {
            return Err(DestinationRefusal::TooLong);
        }
        Ok(url.into())
    }

    fn judge_host(&self, url: &Url) -> Result<(), DestinationRefusal> {
        let host = url.host_str().unwrap_or_default();
        let host = host.strip_suffix('.').unwrap_or(host);
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        if self.own_hosts.iter().any(|own| own.eq_ignore_ascii_case(&authority)) {
            return Err(DestinationRefusal::OwnDomain);
        }
        let is_below = |blocked: &String| {
            let above = host.strip_suffix(blocked.as_str());
            above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
        };
        if self.blocked_hosts.iter().any(is_below) {
            return Err(DestinationRefusal::BlockedHost { host: host.to_owned() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> DestinationPolicy {
        DestinationPolicy {
            own_hosts: vec!["sho.rt".to_owned(), "127.0.0.1:8080".to_owned()],
            blocked_hosts: vec!["bad.example".to_owned()],
        }
    }

    #[test]
    fn a_destination_is_kept_as_it_will_be_sent() {
        let kept = |text| policy().judge(text).unwrap();
        assert_eq!(kept("HTTPS://Example.COM/Ä b?q=ü#f"), "https://example.com/%C3%84%20b?q=%C3%BC#f");
        assert_eq!(kept("http://127.0.0.1:9000/x"), "http://127.0.0.1:9000/x");
        assert_eq!(kept("https://notbad.example/%2e%2Fx"), "https://notbad.example/%2e%2Fx");
    }

    #[test]
    fn each_refusal_has_its_word() {
        let long = format!("https://example.com/{}", "x".repeat(2_048));
        let longer_when_written = format!("https://example.com/{}", "ä".repeat(1_000));
        for (text, word) in [
            ("", "required"),
            (long.as_str(), "too_long"),
            (longer_when_written.as_str(), "too_long"),
            ("example.com", "not_a_url"),
            ("https://", "not_a_url"),
            ("javascript:alert(1)", "scheme"),
            ("ftp://example.com/", "scheme"),
            ("https://me:pw@example.com/", "userinfo"),
            ("https://SHO.rt./abc", "own_domain"),
            ("http://127.0.0.1:8080/abc", "own_domain"),
            ("https://bad.example/", "blocked_host"),
            ("https://a.b.bad.example/", "blocked_host"),
        ] {
            assert_eq!(policy().judge(text).unwrap_err().word(), word, "{text}");
        }
    }
}
