//! Reads query parameters as wrappers write them: names without regard to case, `&amp;` left over from HTML, values
//! percent-decoded once with `+` kept.

use url::Url;

use crate::percent;

/// More parameters than this are not looked at.
const PARAMETERS_MAX: usize = 256;

/// One parameter of a link.
#[derive(Debug)]
pub(crate) struct Parameter<'a> {
    pub(crate) name: String,
    raw: &'a str,
    is_last: bool,
}

impl Parameter<'_> {
    /// The value, decoded once. None when nobody can tell where it ends: a URL written without escapes, with a query of
    /// its own, before further parameters.
    pub(crate) fn value(&self) -> Option<String> {
        let is_ambiguous = !self.is_last && self.raw.contains("://") && self.raw.contains('?');
        (!is_ambiguous && !self.raw.is_empty()).then(|| percent::decode(self.raw))
    }
}

/// The parameters of a link, names in lower case.
pub(crate) fn parameters(link: &Url) -> Vec<Parameter<'_>> {
    let pairs: Vec<&str> = link.query().unwrap_or_default().split('&').take(PARAMETERS_MAX).collect();
    let last = pairs.iter().rposition(|pair| !pair.is_empty()).unwrap_or_default();
    let parameters = pairs.iter().enumerate().map(|(at, pair)| parameter(pair, at == last));
    parameters.filter(|parameter| !parameter.name.is_empty()).collect()
}

fn parameter(pair: &str, is_last: bool) -> Parameter<'_> {
    let pair = pair.strip_prefix("amp;").unwrap_or(pair);
    let (name, raw) = pair.split_once('=').unwrap_or((pair, ""));
    Parameter { name: percent::decode(name).to_ascii_lowercase(), raw, is_last }
}

/// The value of each name's parameter, in the order of the names. A name given twice with different values has none: servers
/// differ in which of them they take.
pub(crate) fn values<'a>(link: &'a Url, names: &'a [String]) -> impl Iterator<Item = String> + 'a {
    let parameters = parameters(link);
    names.iter().filter_map(move |name| match agreed(&parameters, name) {
        Agreed::One(parameter) => parameter.value(),
        Agreed::None | Agreed::Several => None,
    })
}

/// Whether one of `names` is given twice with different values.
pub(crate) fn contradicts_itself(link: &Url, names: &[String]) -> bool {
    let parameters = parameters(link);
    names.iter().any(|name| matches!(agreed(&parameters, name), Agreed::Several))
}

enum Agreed<'a, 'b> {
    None,
    One(&'b Parameter<'a>),
    Several,
}

fn agreed<'a, 'b>(parameters: &'b [Parameter<'a>], name: &str) -> Agreed<'a, 'b> {
    let mut named = parameters.iter().filter(|one| one.name == name);
    match named.next() {
        None => Agreed::None,
        Some(first) if named.all(|other| other.raw == first.raw) => Agreed::One(first),
        Some(_) => Agreed::Several,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(link: &str, name: &str) -> Option<String> {
        values(&Url::parse(link).unwrap(), &[name.to_owned()]).next()
    }

    #[test]
    fn a_name_given_twice_is_seen() {
        let contradicts = |link: &str| contradicts_itself(&Url::parse(link).unwrap(), &["u".to_owned()]);
        assert!(contradicts("https://a.com/?u=1&x=2&U=2"));
        assert!(!contradicts("https://a.com/?u=1&x=2&u=1&x=3"));
    }

    #[test]
    fn reads_values() {
        for (link, expected) in [
            ("https://a.com/?u=https%3A%2F%2Fb.com", Some("https://b.com")),
            ("https://a.com/?x=1&U=v", Some("v")),
            ("https://a.com/?x=1&amp;u=v", Some("v")),
            ("https://a.com/?u=a+b%2Bc", Some("a+b+c")),
            ("https://a.com/?u=first&u=second", None),
            ("https://a.com/?u=same&U=same", Some("same")),
            ("https://a.com/?%75=v", Some("v")),
            ("https://a.com/?u=https://b.com/?q=1", Some("https://b.com/?q=1")),
            ("https://a.com/?u=https://b.com/?q=1&", Some("https://b.com/?q=1")),
            ("https://a.com/?u=https://b.com/x&y=2", Some("https://b.com/x")),
            ("https://a.com/?u=https://b.com/?q=1&y=2", None),
            ("https://a.com/?u=", None),
            ("https://a.com/?u", None),
            ("https://a.com/?xu=v", None),
            ("https://a.com/", None),
        ] {
            assert_eq!(first(link, "u").as_deref(), expected, "{link}");
        }
    }
}
