//! Questions about host names that need the public suffix list: is this a real public name, what is its site.

/// Whether `host` is a name below a suffix that the public suffix list knows.
pub(crate) fn is_public(host: &str) -> bool {
    psl::domain(bare(host).as_bytes()).is_some_and(|domain| domain.suffix().is_known())
}

/// The registrable domain of a host name; the host itself where there is none.
pub(crate) fn site(host: &str) -> &str {
    let host = bare(host);
    psl::domain_str(host).unwrap_or(host)
}

/// `rover.ebay` of `rover.ebay.co.uk`: what stands before a suffix run by a registry (not by a company, as `github.io` is).
pub(crate) fn before_registry_suffix(host: &str) -> Option<&str> {
    let suffix = psl::suffix(host.as_bytes()).filter(|suffix| suffix.typ() == Some(psl::Type::Icann))?;
    let before = host.len().checked_sub(suffix.as_bytes().len() + 1)?;
    Some(&host[..before])
}

/// The labels of `host` in front of `tail`, lower-case words split at `-` too.
pub(crate) fn words_before<'a>(host: &'a str, tail: &str) -> impl Iterator<Item = &'a str> {
    let front = bare(host).strip_suffix(tail).unwrap_or_default();
    front.split(['.', '-']).filter(|word| !word.is_empty())
}

/// The public suffix of a host name, or nothing.
pub(crate) fn suffix(host: &str) -> &str {
    psl::suffix_str(bare(host)).unwrap_or_default()
}

/// `https://host./` and `https://host/` are the same site.
pub(crate) fn bare(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_public_names() {
        for host in ["example.com", "a.b.co.uk", "x.github.io", "xn--e1afmkfd.xn--p1ai", "example.com."] {
            assert!(is_public(host), "{host}");
        }
        for host in ["com", "co.uk", "localhost", "a.test", "printer.local", "a.internal", "github.io", ""] {
            assert!(!is_public(host), "{host}");
        }
        assert_eq!(site("www.example.co.uk"), "example.co.uk");
        assert_eq!(site("a.test."), "a.test");
    }

    #[test]
    fn splits_registry_suffixes_only() {
        assert_eq!(before_registry_suffix("www.google.com.br"), Some("www.google"));
        assert_eq!(before_registry_suffix("rover.ebay.de"), Some("rover.ebay"));
        assert_eq!(before_registry_suffix("google.github.io"), None);
        assert_eq!(before_registry_suffix("google.blogspot.com"), None);
        assert_eq!(before_registry_suffix("google.test"), None);
        assert_eq!(before_registry_suffix("com"), None);
    }

    #[test]
    fn splits_labels_into_words() {
        let words = |host, tail| words_before(host, tail).collect::<Vec<_>>();
        assert_eq!(words("click.e-mail.example.com", "example.com"), ["click", "e", "mail"]);
        assert_eq!(words("example.com", "example.com"), [""; 0]);
    }
}
