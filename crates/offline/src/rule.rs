//! One rule, ready to be used: finds values in a link, decodes them and judges what comes out.

use std::collections::HashSet;

use url::Url;

use crate::{
    decode::Decode,
    destination,
    file::RuleFile,
    step::{Step, StepKind},
    strict::{self, Strict},
    value::Values,
};

/// Steps one rule may have.
const DECODE_STEPS_MAX: usize = 8;

#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: String,
    kind: StepKind,
    values: Values,
    decode: Vec<Decode>,
    drop: HashSet<String>,
    words: HashSet<String>,
    is_strict: bool,
    may_stay: bool,
}

impl Rule {
    /// Gives a written rule its meaning; the error says what is wrong with it.
    pub(crate) fn parse(file: &RuleFile) -> Result<Self, String> {
        let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if file.id.is_empty() || !file.id.bytes().all(is_id) {
            return Err("`id` is made of a-z, 0-9 and _".to_owned());
        }
        if file.hosts.is_empty() != file.scheme.is_some() {
            return Err("give either `hosts` or `scheme`".to_owned());
        }
        if file.examples.is_empty() {
            return Err("give at least one example".to_owned());
        }
        if file.decode.len() > DECODE_STEPS_MAX {
            return Err(format!("`decode` has more than {DECODE_STEPS_MAX} steps"));
        }
        let is_anywhere = file.hosts.iter().any(|host| host == "*" || host.starts_with("*/"));
        Ok(Self {
            id: file.id.clone(),
            kind: file.kind,
            values: Values::parse(file)?,
            decode: file.decode.clone(),
            drop: file.drop.iter().map(|name| name.to_ascii_lowercase()).collect(),
            words: file.words.iter().cloned().collect(),
            is_strict: file.strict || is_anywhere,
            may_stay: file.same_site,
        })
    }

    /// Takes one layer off `link`, if this rule can.
    pub(crate) fn step(&self, link: &Url, strict: &Strict) -> Option<Step> {
        if !self.words.is_empty() && !strict::says(&self.words, link, self.values.own_path(link)) {
            return None;
        }
        let url = if self.is_strict { self.only(link, strict)? } else { self.destinations(link).next()? };
        Some(Step { url, rule: self.id.clone(), kind: self.kind })
    }

    /// The destination of a link of an unknown host: there must be exactly one, and it must look like one.
    fn only(&self, link: &Url, strict: &Strict) -> Option<Url> {
        if !strict.allows(link, self.values.own_path(link)) || self.values.contradicts_itself(link) {
            return None;
        }
        let mut destinations = self.destinations(link);
        let first = destinations.next()?;
        let is_meant = strict.accepts(&first) && (self.may_stay || strict::leaves(link, &first));
        (is_meant && destinations.all(|other| other == first)).then_some(first)
    }

    fn destinations<'a>(&'a self, link: &'a Url) -> impl Iterator<Item = Url> + 'a {
        let values = self.values.of(link).into_iter();
        values.filter_map(move |value| {
            let decoded = self.decode.iter().try_fold(value, |value, step| step.apply(value, link))?;
            let url = destination::read(&decoded, link)?;
            Some(without(&url, &self.drop))
        })
    }
}

/// The URL without the query parameters that the wrapper put there.
fn without(url: &Url, drop: &HashSet<String>) -> Url {
    let mut url = url.clone();
    if let Some(query) = url.query().filter(|query| !query.is_empty() && !drop.is_empty()) {
        let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
        let kept: Vec<&str> = query.split('&').filter(|pair| !drop.contains(&name(pair))).collect();
        let kept = kept.join("&");
        url.set_query((!kept.is_empty()).then_some(kept.as_str()));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_x(url: &str) -> String {
        without(&Url::parse(url).unwrap(), &HashSet::from(["x".to_owned()])).into()
    }

    #[test]
    fn drops_the_wrappers_parameters_only() {
        for (url, expected) in [
            ("https://a.com/?x=1", "https://a.com/"),
            ("https://a.com/?a=%20b&X=1&xx=2#f", "https://a.com/?a=%20b&xx=2#f"),
            ("https://a.com/?x&y", "https://a.com/?y"),
            ("https://a.com/?", "https://a.com/?"),
            ("https://a.com/x=1", "https://a.com/x=1"),
        ] {
            assert_eq!(without_x(url), expected, "{url}");
        }
    }
}
