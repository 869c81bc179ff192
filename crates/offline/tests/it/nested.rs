//! Wrappers around wrappers, and what ends them.

use hopline_offline::{LAYERS_MAX, Rules, StepKind};
use url::{Url, form_urlencoded::byte_serialize};

fn peel(link: &str) -> Vec<(String, String)> {
    let steps = Rules::builtin().peel(&Url::parse(link).unwrap());
    steps.into_iter().map(|step| (step.rule, step.url.into())).collect()
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[test]
fn wrappers_peel_in_turn() {
    let facebook = format!("https://l.facebook.com/l.php?u={}&h=x", encoded("https://example.com/a?b=c"));
    let google = format!("https://www.google.com/url?q={}", encoded(&facebook));
    let safelinks =
        format!("https://eur01.safelinks.protection.outlook.com/?url={}&data=1", encoded(&google));
    let steps = peel(&safelinks);
    let rules: Vec<&str> = steps.iter().map(|(rule, _)| rule.as_str()).collect();
    assert_eq!(rules, ["safelinks", "google", "facebook"]);
    assert_eq!(steps[0].1, google);
    assert_eq!(steps[2].1, "https://example.com/a?b=c");
}

#[test]
fn kinds_come_from_the_rules() {
    let amp = "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.google.com%2Famp%2Fs%2Fexample.com%2Fa";
    let kinds: Vec<StepKind> =
        Rules::builtin().peel(&Url::parse(amp).unwrap()).iter().map(|step| step.kind).collect();
    assert_eq!(kinds, [StepKind::Wrapper, StepKind::Amp]);
    let intent = "intent://x#Intent;S.browser_fallback_url=https%3A%2F%2Fexample.com%2F;end";
    assert_eq!(Rules::builtin().step(&Url::parse(intent).unwrap()).unwrap().kind, StepKind::AppLink);
}

#[test]
fn layers_are_bounded() {
    let mut link = "https://example.com/".to_owned();
    for _ in 0..LAYERS_MAX + 2 {
        link = format!("https://href.li/?{link}");
    }
    let steps = peel(&link);
    assert_eq!(steps.len(), LAYERS_MAX);
    assert_eq!(steps.last().unwrap().1, "https://href.li/?https://href.li/?https://example.com/");
}

#[test]
fn a_link_to_itself_is_no_step() {
    let rules = Rules::parse(
        "[[rule]]\nid='loop'\nhosts=['a.com']\nquery=['u']\ndecode=['join']\n\
         examples=[{from='https://a.com/x?u=/y',to='https://a.com/y'}]\n",
    )
    .unwrap();
    assert_eq!(rules.peel(&Url::parse("https://a.com/?u=/?u=/x").unwrap()).len(), 2);
    assert_eq!(rules.peel(&Url::parse("https://a.com/?u=https://a.com/?u=https://a.com/").unwrap()).len(), 2);
}

#[test]
fn real_links_from_the_public_web() {
    for (link, expected) in [
        (
            "https://aax-us-east.amazon-adsystem.com/x/c/QiZVriYHFuciDCpQUIuQj8s/https://assoc-redirect.amazon.com/g/r/https://www.amazon.com/Spring-Action-Covers-4/dp/161729120X/ref=as_at?creativeASIN=161729120X",
            "https://www.amazon.com/Spring-Action-Covers-4/dp/161729120X/ref=as_at?creativeASIN=161729120X",
        ),
        (
            "https://www.google.com/url?q=https://click.pstmrk.it/3s/www.dstricts.com%252Fpublic%252Findex.php/qzFR/112tAQ/AQ/8ca0d9d0/1/3Ug7&amp;source=gmail&amp;ust=1684593415394000",
            "https://www.dstricts.com/public/index.php",
        ),
        (
            "https://us-west-2.protection.sophos.com/?d=cudasvc.com&u=aHR0cHM6Ly9saW5rcHJvdGVjdC5jdWRhc3ZjLmNvbS91cmw_YT1odHRwcyUzYSUyZiUyZmV4YW1wbGUuY29tJTJmJmM9RSwxLDY=&p=m&i=NjI0NWJm&h=74ce429d",
            "https://example.com/",
        ),
        (
            "http://www.anrdoezrs.net/links/8186671/type/dlg/http://link.springer.com/chapter/10.1007%2F978-3-642-23088-2_25",
            "http://link.springer.com/chapter/10.1007%2F978-3-642-23088-2_25",
        ),
        (
            "https://unisender-com.turbopages.org/unisender.com/s/ru/blog/idei/servisy-dlya-monitoringa-sajtov/",
            "https://unisender.com/ru/blog/idei/servisy-dlya-monitoringa-sajtov/",
        ),
    ] {
        assert_eq!(peel(link).last().map(|(_, url)| url.as_str()), Some(expected), "{link}");
    }
}
