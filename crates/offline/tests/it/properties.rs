//! Whatever link or rules file comes: no panic, and every answer is a destination.

use hopline_offline::{LAYERS_MAX, LINK_BYTES_MAX, Rules};
use proptest::prelude::*;
use url::Url;

/// Links that nearly fit the rules: their hosts, their parameters, and values that nearly decode.
fn nearly() -> impl Strategy<Value = String> {
    let host = prop::sample::select(vec![
        "na01.safelinks.protection.outlook.com",
        "urldefense.com",
        "urldefense.proofpoint.com",
        "www.google.com",
        "a.cdn.ampproject.org",
        "www.bing.com",
        "disq.us",
        "href.li",
        "click.pstmrk.it",
        "prf.hn",
        "x.awstrack.me",
        "go.site.com",
        "eu.protection.sophos.com",
        "www.dpbolvw.net",
        "r.search.yahoo.com",
        "goto.brand.com",
        "link.brand.com",
        "steamcommunity.com",
    ]);
    let path = prop::sample::select(vec![
        "/",
        "/url",
        "/v1/url",
        "/v2/url",
        "/v3/__https://b.com/*a**Bc__;",
        "/amp/s/",
        "/c/s/b.com/",
        "/ck/a",
        "/L0/https:%2F%2Fb.com/1/",
        "/redirect",
        "/3s/b.com%2Fa/",
        "/click/x/aHR0cHM6Ly9iLmNvbQ/",
        "/click/camref:1/destination:https:",
        "/links/1/type/dlg/http:/b.com",
        "/x/RU=http%3a/RK",
        "/c/1/2/3",
    ]);
    let name =
        prop::sample::select(vec!["url", "u", "q", "URL", "amp;u", "d", "$fallback_url", "redirect", ""]);
    let value = prop_oneof![
        Just("https%3A%2F%2Fb.com%2F".to_owned()),
        Just("aHR0cHM6Ly9iLmNvbQ==".to_owned()),
        Just("a1aHR0cHM6Ly9iLmNvbQ".to_owned()),
        Just("https-3A__b.com_".to_owned()),
        "https?(:|%3[aA]|%253A)(//|%2F%2F|/)[a-z.:@]{0,12}[/?#%]?.{0,12}",
        ".{0,40}",
        "[A-Za-z0-9+/=_-]{0,60}",
    ];
    let tail = prop_oneof![Just(String::new()), ".{0,20}", "[!*;$#&=A-Za-z0-9_-]{0,24}"];
    (host, path, name, value, tail).prop_map(|(host, path, name, value, tail)| {
        format!("https://{host}{path}{tail}?{name}={value}&{tail}")
    })
}

fn check(link: &str) -> Result<(), TestCaseError> {
    let Ok(link) = Url::parse(link) else { return Ok(()) };
    let steps = Rules::builtin().peel(&link);
    prop_assert!(steps.len() <= LAYERS_MAX);
    let mut seen = vec![link.clone()];
    for step in &steps {
        prop_assert!(matches!(step.url.scheme(), "http" | "https"), "{link} {step:?}");
        prop_assert!(step.url.has_host() && step.url.username().is_empty() && step.url.password().is_none());
        prop_assert_eq!(Url::parse(step.url.as_str()).ok(), Some(step.url.clone()));
        prop_assert!(!seen.contains(&step.url), "{} {:?}", link, steps);
        seen.push(step.url.clone());
    }
    // What was peeled to the end has nothing left to peel.
    if let Some(last) = steps.last().filter(|_| steps.len() < LAYERS_MAX) {
        prop_assert!(Rules::builtin().step(&last.url).is_none_or(|step| seen.contains(&step.url)));
    }
    prop_assert_eq!(Rules::builtin().peel(&link), steps);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn links_that_nearly_fit(link in nearly()) {
        check(&link)?;
    }

    #[test]
    fn any_text(link in "\\PC*") {
        check(&link)?;
        check(&format!("https://{link}"))?;
        check(&format!("intent:{link}"))?;
    }

    #[test]
    fn any_rules_file(text in "(\\[\\[rule\\]\\]|[a-z]+ ?= ?|\"[^\"]{0,9}\"|\\[|\\]|,|\n|.){0,40}") {
        let _ = Rules::parse(&text);
    }

    #[test]
    fn any_rule(path in "/[/*#{}a-z%]{0,12}", step in "[a-z_0-9]{1,10}(:.{0,3})?", host in "[a-z*./]{1,10}") {
        let from = if path.contains('{') { "path" } else { "query_to_end" };
        let text = format!(
            "[[rule]]\nid='x'\nhosts=['{}']\npaths=['{}']\nfrom='{from}'\ndecode=['{}']\nexamples=[{{from='https://a.com/x',to='y'}}]\n",
            host.replace('\'', ""), path, step.replace('\'', ""),
        );
        prop_assert!(Rules::parse(&text).is_err());
    }
}

#[test]
fn long_links_are_left_alone() {
    let link = format!("https://href.li/?https://example.com/{}", "x".repeat(LINK_BYTES_MAX));
    assert_eq!(Rules::builtin().peel(&Url::parse(&link).unwrap()), []);
}
