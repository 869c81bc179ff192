//! Whether a URL fits a source expression (CSP §6.7.2, "does url match expression").

use url::Url;

/// Whether one expression of a source list covers `url`; `own` is the page's address.
pub(super) fn covers(expression: &str, url: &Url, own: &Url) -> bool {
    let lower = expression.to_ascii_lowercase();
    if lower == "*" {
        return matches!(url.scheme(), "http" | "https" | "ws" | "wss") || url.scheme() == own.scheme();
    }
    if lower == "'self'" {
        return is_self(url, own);
    }
    if lower.starts_with('\'') {
        return false;
    }
    if let Some(scheme) = lower.strip_suffix(':') {
        return scheme_fits(scheme, url.scheme());
    }
    host_source_covers(expression, url, own)
}

fn is_self(url: &Url, own: &Url) -> bool {
    if url.origin() == own.origin() && own.origin().is_tuple() {
        return true;
    }
    url.host_str() == own.host_str()
        && url.host_str().is_some()
        && scheme_fits(own.scheme(), url.scheme())
        && (url.port() == own.port() || (url.port().is_none() && own.port().is_none()))
}

/// `http` also covers the safer `https`.
fn scheme_fits(wanted: &str, scheme: &str) -> bool {
    wanted == scheme || (wanted == "http" && scheme == "https") || (wanted == "ws" && scheme == "wss")
}

fn host_source_covers(expression: &str, url: &Url, own: &Url) -> bool {
    let (scheme, rest) = match expression.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => (own.scheme().to_owned(), expression),
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    scheme_fits(&scheme, url.scheme())
        && host_fits(&host.to_ascii_lowercase(), url.host_str().unwrap_or_default())
        && port_fits(port, url)
        && path_fits(path, url.path())
}

fn host_fits(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some("") => true,
        Some(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
        None => pattern == host,
    }
}

fn port_fits(port: Option<&str>, url: &Url) -> bool {
    match port {
        Some("*") => true,
        Some(port) => port.parse().ok() == url.port_or_known_default(),
        None => url.port().is_none(),
    }
}

/// A path ending in `/` covers what is below it, any other path only itself.
fn path_fits(pattern: &str, path: &str) -> bool {
    match pattern {
        "" | "/" => true,
        pattern if pattern.ends_with('/') => path.starts_with(pattern),
        pattern => path == pattern,
    }
}
