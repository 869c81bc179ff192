//! Locations: queries merged, paths handed on, traps refused.

use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;

use super::*;
use crate::{
    click::{Agent, Place},
    short_link::{Allowance, Unlocked},
};

struct Case {
    destination: &'static str,
    content: LinkContent,
}

fn case(destination: &'static str) -> Case {
    Case { destination, content: LinkContent { forward_path: true, ..LinkContent::to(destination) } }
}

impl Case {
    fn location(&self, query: Option<&str>, rest: Option<&str>) -> Option<String> {
        let visit = Visit {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            user_agent: None,
            accept_language: None,
            query,
            rest,
            agent: &Agent::default(),
            place: &Place::default(),
            unlocked: Unlocked::No,
            allowance: Allowance::Left,
        };
        location(self.destination, &self.content, &visit)
    }

    fn with_utm(mut self, source: &str, campaign: &str) -> Self {
        self.content.utm.source = Some(source.to_owned());
        self.content.utm.campaign = Some(campaign.to_owned());
        self
    }
}

#[test]
fn without_anything_to_add_the_destination_is_sent_as_it_is() {
    let odd = case("https://example.com/a?x=%20+&y#z");
    assert_eq!(odd.location(None, None).unwrap(), odd.destination);
    assert_eq!(odd.location(Some("src=qr"), None).unwrap(), odd.destination);
    assert_eq!(odd.location(Some("&&"), None).unwrap(), odd.destination);
}

#[test]
fn the_visitors_query_is_added_as_it_came() {
    let plain = case("https://example.com/a?x=1#frag");
    assert_eq!(
        plain.location(Some("q=a%2Fb+c&r=%C3%A4&src=qr"), None).unwrap(),
        "https://example.com/a?x=1&q=a%2Fb+c&r=%C3%A4#frag"
    );
    let mut closed = case("https://example.com/a?x=1");
    closed.content.forward_query = false;
    assert_eq!(closed.location(Some("x=2"), None).unwrap(), "https://example.com/a?x=1");
}

#[test]
fn a_visitors_parameter_replaces_every_one_of_its_name() {
    let twice = case("https://example.com/?x=1&y=2&%78=3");
    assert_eq!(twice.location(Some("x=9&x=8"), None).unwrap(), "https://example.com/?y=2&x=9&x=8");
}

#[test]
fn campaign_parameters_replace_the_destinations_and_yield_to_the_visitors() {
    let link = case("https://example.com/?utm_source=old&a=1").with_utm("news letter", "été");
    assert_eq!(
        link.location(None, None).unwrap(),
        "https://example.com/?a=1&utm_source=news+letter&utm_campaign=%C3%A9t%C3%A9"
    );
    assert_eq!(
        link.location(Some("utm_source=mine"), None).unwrap(),
        "https://example.com/?a=1&utm_campaign=%C3%A9t%C3%A9&utm_source=mine"
    );
}

#[test]
fn the_path_after_the_slug_is_appended_with_its_escapes() {
    for (destination, rest, location) in [
        ("https://example.com", "a/b", "https://example.com/a/b"),
        ("https://example.com/base", "a", "https://example.com/base/a"),
        ("https://example.com/base/", "a/", "https://example.com/base/a/"),
        ("https://example.com/base?x=1#f", "a", "https://example.com/base/a?x=1#f"),
        ("https://example.com/base", "", "https://example.com/base/"),
        ("https://example.com/b", "a%2Fb%20c", "https://example.com/b/a%2Fb%20c"),
        ("https://example.com/b", "a;v=1@x:y", "https://example.com/b/a;v=1@x:y"),
        ("https://example.com/b", "...", "https://example.com/b/..."),
        ("https://example.com/b", "%", "https://example.com/b/%"),
    ] {
        assert_eq!(case(destination).location(None, Some(rest)).as_deref(), Some(location), "{rest}");
    }
}

#[test]
fn paths_that_climb_or_are_read_in_two_ways_are_refused() {
    for trap in [
        "..",
        "../x",
        "a/../../x",
        ".",
        "./x",
        "%2e%2e",
        "%2E./x",
        ".%2e/x",
        "a/%2e/b",
        "..%2fx",
        "..%5Cx",
        "a%2f..",
        "//evil.example",
        "/evil.example",
        "a//b",
        "\\evil.example",
        "a\\..\\b",
        "..\\x",
    ] {
        assert_eq!(case("https://example.com/base/deep").location(None, Some(trap)), None, "{trap}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_visitor_leaves_the_destinations_host_or_path(
        rest in "[a-z./%\\\\@:?;0-9-]{0,16}",
        query in "[a-z=&%+@:/?-]{0,16}",
    ) {
        let link = case("https://example.com/base").with_utm("s", "c");
        if let Some(location) = link.location(Some(&query), Some(&rest.replace('?', ""))) {
            let url = Url::parse(&location).unwrap();
            prop_assert_eq!(url.host_str(), Some("example.com"));
            prop_assert!(url.path().starts_with("/base/"), "{}", location);
            prop_assert!(location.is_ascii() && !location.contains(['\r', '\n', ' ']));
            prop_assert_eq!(url.as_str(), location.as_str());
        }
    }
}
