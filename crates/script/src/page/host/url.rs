//! Addresses, parsed and changed by the URL standard.

use std::borrow::Cow;

use encoding_rs::Encoding;
use rquickjs::Result;
use url::{Position, Url, quirks};

use super::provide::Host;

pub(super) fn provide(host: &Host<'_>) -> Result<()> {
    // href, origin, protocol, username, password, host, hostname, port, pathname, search, hash; nothing for no URL.
    host.add("parseUrl", |_realm| {
        move |text: String, base: Option<String>| {
            parse(&text, base.as_deref(), encoding_rs::UTF_8).map(|url| parts(&url))
        }
    })?;
    // As the document's own links are read: the query in its encoding.
    host.add("resolve", |realm| {
        move |text: String| {
            let encoding =
                Encoding::for_label(realm.state.task().charset.as_bytes()).unwrap_or(encoding_rs::UTF_8);
            parse(&text, Some(realm.base().as_str()), encoding).map(String::from)
        }
    })?;
    host.add("setUrlPart", |_realm| {
        move |href: String, part: String, value: String| {
            let mut url = Url::parse(&href).ok()?;
            set_part(&mut url, &part, &value);
            Some(String::from(url))
        }
    })?;
    host.add("sameButFragment", |_realm| {
        move |left: String, right: String| match (Url::parse(&left), Url::parse(&right)) {
            (Ok(left), Ok(right)) => left[..Position::AfterQuery] == right[..Position::AfterQuery],
            _ => false,
        }
    })
}

fn parse(text: &str, base: Option<&str>, encoding: &'static Encoding) -> Option<Url> {
    let base = match base {
        Some(base) => Some(Url::parse(base).ok()?),
        None => None,
    };
    let encode = query_encoder(encoding);
    let mut options = Url::options().base_url(base.as_ref());
    if encoding != encoding_rs::UTF_8 {
        options = options.encoding_override(Some(&encode));
    }
    options.parse(text).ok()
}

fn query_encoder(encoding: &'static Encoding) -> impl Fn(&str) -> Cow<'_, [u8]> {
    move |query| Cow::Owned(encoding.encode(query).0.into_owned())
}

fn parts(url: &Url) -> Vec<String> {
    let parts: [&str; 9] = [
        quirks::protocol(url),
        quirks::username(url),
        quirks::password(url),
        quirks::host(url),
        quirks::hostname(url),
        quirks::port(url),
        quirks::pathname(url),
        quirks::search(url),
        quirks::hash(url),
    ];
    let mut all = vec![url.as_str().to_owned(), quirks::origin(url)];
    all.extend(parts.map(str::to_owned));
    all
}

/// The setters of `URL` and `location`: what cannot be is ignored, as the standard has it.
fn set_part(url: &mut Url, part: &str, value: &str) {
    match part {
        "protocol" => drop(quirks::set_protocol(url, value)),
        "username" => drop(quirks::set_username(url, value)),
        "password" => drop(quirks::set_password(url, value)),
        "host" => drop(quirks::set_host(url, value)),
        "hostname" => drop(quirks::set_hostname(url, value)),
        "port" => drop(quirks::set_port(url, value)),
        "pathname" => quirks::set_pathname(url, value),
        "search" => quirks::set_search(url, value),
        "hash" => quirks::set_hash(url, value),
        _ => {}
    }
}
