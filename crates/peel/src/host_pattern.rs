//! Host patterns of the tables in this room: `host`, `*.suffix` (which covers `suffix` itself), `name.*` (the registrable
//! domain `name` below any registry's suffix, and its subdomains) and `*`.

/// Whether `host` is one that `pattern` names.
pub(crate) fn matches_host(pattern: &str, host: &str) -> bool {
    if let Some(suffix) = pattern.strip_prefix("*.") {
        return host == suffix || host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
    }
    if let Some(name) = pattern.strip_suffix(".*") {
        return registered_name(host) == Some(name);
    }
    pattern == "*" || host.strip_prefix("www.").unwrap_or(host) == pattern
}

/// `google` of `www.google.co.uk`. Below a company's suffix, as `pages.dev` is, anybody may have any name.
fn registered_name(host: &str) -> Option<&str> {
    psl::suffix(host.as_bytes()).filter(|suffix| suffix.typ() == Some(psl::Type::Icann))?;
    psl::domain_str(host)?.split('.').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_hosts() {
        for (pattern, host, expected) in [
            ("v.gd", "v.gd", true),
            ("v.gd", "www.v.gd", true),
            ("v.gd", "x.v.gd", false),
            ("*.vk.com", "vk.com", true),
            ("*.vk.com", "m.vk.com", true),
            ("*.vk.com", "notvk.com", false),
            ("google.*", "www.google.co.uk", true),
            ("google.*", "google.evil.com", false),
            ("google.*", "google.pages.dev", false),
            ("google.*", "google.github.io", false),
            ("*", "a.test", true),
        ] {
            assert_eq!(matches_host(pattern, host), expected, "{pattern} {host}");
        }
    }
}
