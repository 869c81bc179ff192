//! `params_lost`: names of query parameters that the link carried and the destination was asked without.
//!
//! Names are compared decoded and exactly, values not at all; a name is listed once, in the order of the link. No
//! value where the document's bound cut a URL.

use std::collections::HashSet;

use super::{
    Verdict,
    seen::{destination, has_cut_urls, query_of},
};
use crate::chain::Chain;

pub(super) fn params_lost(chain: &Chain) -> Verdict<Vec<String>> {
    let whole = chain.hops.first().filter(|_| !has_cut_urls(chain));
    let Some((first, last)) = whole.zip(destination(chain)) else {
        return Verdict::NOT_APPLICABLE;
    };
    let mut done: HashSet<String> = query_of(&last.url).into_iter().map(|(name, _)| name).collect();
    let names = query_of(&first.url).into_iter().map(|(name, _)| name).filter(|name| !name.is_empty());
    let lost: Vec<_> = names.filter(|name| done.insert(name.clone())).collect();
    let detail = (!lost.is_empty()).then(|| format!("{} of the link's parameters are gone", lost.len()));
    Verdict { value: Some(lost), detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain_samples::{ended, redirects},
        outcome::Reason,
    };

    #[test]
    fn compares_the_first_request_with_the_last() {
        for (first, last, lost) in [
            ("", "", vec![]),
            ("", "?a=1", vec![]),
            ("?a=1", "?a=1", vec![]),
            ("?a=1", "?a=2", vec![]),
            ("?a=1", "?a", vec![]),
            ("?a=1", "", vec!["a"]),
            ("?a=1&b=2", "?b=2", vec!["a"]),
            ("?b=1&a=2", "", vec!["b", "a"]),
            ("?a=1&a=2", "", vec!["a"]),
            ("?a=1", "?A=1", vec!["a"]),
            ("?utm%5Fsource=x", "?utm_source=x", vec![]),
            ("?a+b=1", "?a%20b=1", vec![]),
            ("?a=1", "#a=1", vec!["a"]),
            ("#a=1", "", vec![]),
            ("?=1", "", vec![]),
            ("?&&", "", vec![]),
            ("?flag", "", vec!["flag"]),
            ("?a=1", "?next=/x?a=1", vec!["a"]),
            ("?%FF=1", "?%FE=1", vec![]),
        ] {
            let (start, middle, end) = (
                format!("https://a.example/{first}"),
                "https://b.example/?other=1",
                format!("https://c.example/{last}"),
            );
            let verdict = params_lost(&redirects(&[&start, middle, &end]));
            assert_eq!(verdict.value.unwrap(), lost, "{first} {last}");
        }
    }

    #[test]
    fn needs_a_destination() {
        let chain = redirects(&["https://a.example/?a=1", "https://b.example/"]);
        assert_eq!(params_lost(&chain).detail.as_deref(), Some("1 of the link's parameters are gone"));
        assert_eq!(params_lost(&ended(chain, Reason::Timeout)), Verdict::NOT_APPLICABLE);
        assert_eq!(params_lost(&redirects(&["https://a.example/?a=1"])).value.unwrap(), [""; 0]);
    }
}
