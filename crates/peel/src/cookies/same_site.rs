//! `SameSite`: which requests made on behalf of another site carry a cookie, and may set one (RFC 6265bis §5.2, §5.7).

use url::Url;

/// What a cookie says of requests from other sites.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SameSite {
    /// Said nothing: as `Lax`, but a submission within two minutes carries it, and no chain lasts longer.
    #[default]
    Unset,
    None,
    Lax,
    Strict,
}

/// Who makes a request, as far as cookies care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The user, or a page of the same site.
    SameSite,
    /// A page of another site navigates the whole window by GET.
    ForeignNavigation,
    /// A page of another site submits a form into the whole window by POST.
    ForeignSubmission,
    /// A page of another site loads a part of itself.
    ForeignPart,
}

impl SameSite {
    pub fn parse(value: &str) -> Self {
        match value.to_ascii_lowercase().as_str() {
            "none" => Self::None,
            "lax" => Self::Lax,
            "strict" => Self::Strict,
            _ => Self::Unset,
        }
    }

    pub const fn is_sent_by(self, sender: Sender) -> bool {
        match sender {
            Sender::SameSite => true,
            Sender::ForeignNavigation => !matches!(self, Self::Strict),
            Sender::ForeignSubmission => matches!(self, Self::None | Self::Unset),
            Sender::ForeignPart => matches!(self, Self::None),
        }
    }

    /// A window that arrives somewhere may be given any cookie; a part of a foreign page only what it would also send.
    pub const fn may_be_set_by(self, sender: Sender) -> bool {
        !matches!(sender, Sender::ForeignPart) || self.is_sent_by(sender)
    }
}

/// Same scheme and same registrable domain (HTML "schemelessly same site" and the scheme).
pub fn is_same_site(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme() && site(a) == site(b)
}

fn site(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    psl::domain_str(host).filter(|_| url.domain().is_some()).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_goes_where_it_may() {
        use Sender::{ForeignNavigation, ForeignPart, ForeignSubmission};
        let senders = [Sender::SameSite, ForeignNavigation, ForeignSubmission, ForeignPart];
        for (value, expected) in [
            ("", [true, true, true, false]),
            ("None", [true, true, true, true]),
            ("LAX", [true, true, false, false]),
            ("strict", [true, false, false, false]),
        ] {
            assert_eq!(senders.map(|sender| SameSite::parse(value).is_sent_by(sender)), expected, "{value}");
        }
        assert!(SameSite::Strict.may_be_set_by(ForeignNavigation));
        assert!(!SameSite::Unset.may_be_set_by(ForeignPart));
    }

    #[test]
    fn sites_are_schemes_and_registrable_domains() {
        let same = |a: &str, b: &str| is_same_site(&Url::parse(a).unwrap(), &Url::parse(b).unwrap());
        assert!(same("https://x.example.com/", "https://y.example.com:81/"));
        assert!(!same("http://x.example.com/", "https://x.example.com/"));
        assert!(!same("https://a.co.uk/", "https://b.co.uk/"));
        assert!(same("http://127.0.0.1:1/", "http://127.0.0.1:2/"));
        assert!(!same("http://127.0.0.1/", "http://10.0.0.1/"));
    }
}
