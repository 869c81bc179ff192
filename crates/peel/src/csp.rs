//! What a Content-Security-Policy forbids the whole document: a sandbox without `allow-scripts` runs nothing and sets
//! the "sandboxed automatic features" flag, so that meta refreshes are ignored. Which scripts may run is the page's to judge; where
//! its forms may lead is judged here again when they are redirected.

use url::Url;

/// Whether the `Content-Security-Policy` values forbid scripts and automatic features.
pub(crate) fn is_inert<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> bool {
    is_sandboxed_without("allow-scripts", values)
}

/// Whether they take the document's origin.
pub(crate) fn is_opaque<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> bool {
    is_sandboxed_without("allow-same-origin", values)
}

fn is_sandboxed_without<'a>(flag: &str, values: impl IntoIterator<Item = &'a [u8]>) -> bool {
    let texts = values.into_iter().map(|value| String::from_utf8_lossy(value).to_ascii_lowercase());
    texts.into_iter().any(|text| text.split(',').any(|policy| lacks_in_sandbox(policy, flag)))
}

/// Of a directive given twice in one policy the first counts (CSP "parse a serialized CSP").
fn lacks_in_sandbox(policy: &str, flag: &str) -> bool {
    let directives = policy.split(';').map(str::split_ascii_whitespace);
    let sandbox = directives.into_iter().find_map(|mut words| (words.next()? == "sandbox").then_some(words));
    sandbox.is_some_and(|mut flags| !flags.any(|known| known == flag))
}

/// Where the forms of a document may lead: of each policy that says so, its `form-action` sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FormActions(Vec<Vec<String>>);

impl FormActions {
    pub(crate) fn of<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let texts = values.into_iter().map(|value| String::from_utf8_lossy(value).to_ascii_lowercase());
        let policies: Vec<String> =
            texts.flat_map(|text| text.split(',').map(str::to_owned).collect::<Vec<_>>()).collect();
        Self(policies.iter().filter_map(|policy| form_sources(policy)).collect())
    }

    /// Whether a form of the document at `page` may be redirected to `target`. Paths are not compared after a redirect
    /// (CSP "does url match expression in origin with redirect count").
    pub(crate) fn allow_redirect(&self, page: &Url, target: &Url) -> bool {
        self.0.iter().all(|sources| sources.iter().any(|source| matches_source(source, page, target)))
    }
}

fn form_sources(policy: &str) -> Option<Vec<String>> {
    policy
        .split(';')
        .map(str::split_ascii_whitespace)
        .find_map(|mut words| (words.next()? == "form-action").then(|| words.map(str::to_owned).collect()))
}

fn matches_source(source: &str, page: &Url, target: &Url) -> bool {
    match source {
        "*" => true,
        "'self'" => {
            page.host() == target.host()
                && matches_scheme(page.scheme(), target)
                && has_port(page.port(), target)
        }
        _ if source.starts_with('\'') => false,
        _ => match source.strip_suffix(':') {
            Some(scheme) => matches_scheme(scheme, target),
            None => matches_host_source(source, page, target),
        },
    }
}

/// `http` covers `https` too.
fn matches_scheme(scheme: &str, target: &Url) -> bool {
    target.scheme() == scheme || (scheme == "http" && target.scheme() == "https")
}

fn matches_host_source(source: &str, page: &Url, target: &Url) -> bool {
    let (scheme, rest) = source.split_once("://").unwrap_or((page.scheme(), source));
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
    let name = target.host_str().unwrap_or_default();
    let is_host = match host.strip_prefix('*') {
        Some(suffix) => name.ends_with(suffix) && name.len() > suffix.len(),
        None => name == host,
    };
    is_host && matches_scheme(scheme, target) && (port == "*" || has_port(port.parse().ok(), target))
}

/// A port left out is the scheme's own, on either side.
fn has_port(port: Option<u16>, target: &Url) -> bool {
    let target_port = target.port_or_known_default();
    port.map_or(target.port().is_none(), |port| target_port == Some(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirected_forms_go_where_the_policy_lets_them() {
        let page = Url::parse("http://a.test:81/x").unwrap();
        let allows = |policy: &str, target: &str| {
            FormActions::of([policy.as_bytes()]).allow_redirect(&page, &Url::parse(target).unwrap())
        };
        for (policy, target, expected) in [
            ("default-src 'none'", "http://b.test/", true),
            ("form-action 'self'", "http://a.test:81/y", true),
            ("form-action 'self'", "http://a.test/", false),
            ("form-action 'self'", "http://b.test/", false),
            ("Form-Action 'none'", "http://a.test:81/y", false),
            ("form-action", "http://a.test:81/y", false),
            ("form-action *", "http://b.test/", true),
            ("form-action https:", "https://b.test/", true),
            ("form-action https:", "http://b.test/", false),
            ("form-action b.test c.test:*", "http://c.test:99/z", true),
            ("form-action b.test", "http://b.test/any", true),
            ("form-action http://b.test/path", "https://b.test/other", true),
            ("form-action *.b.test", "http://x.b.test/", true),
            ("form-action *.b.test", "http://b.test/", false),
            ("form-action b.test, form-action c.test", "http://b.test/", false),
        ] {
            assert_eq!(allows(policy, target), expected, "{policy} {target}");
        }
    }

    #[test]
    fn only_a_sandbox_without_scripts_forbids() {
        for (value, expected) in [
            ("sandbox", true),
            ("default-src 'self'; SANDBOX allow-forms", true),
            ("sandbox allow-scripts", false),
            ("sandbox allow-forms Allow-Scripts", false),
            ("script-src 'none'", false),
            ("script-src 'none', sandbox", true),
            ("sandbox allow-scripts; sandbox", false),
            ("", false),
        ] {
            assert_eq!(is_inert([value.as_bytes()]), expected, "{value}");
        }
        assert!(is_opaque([&b"sandbox allow-scripts"[..]]));
        assert!(!is_opaque([&b"sandbox allow-scripts allow-same-origin"[..]]));
    }
}
