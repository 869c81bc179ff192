//! What each kind of link answers to each kind of visit.

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    click::Device,
    id::{LinkId, WorkspaceId},
    short_link::{LinkContent, LinkHealth, LinkSecret, ShortDomain, Slug},
};

const NOW: Timestamp = Timestamp(1_780_660_800_000);
const URL: &str = "https://example.com/";

fn link(change: impl FnOnce(&mut ShortLink)) -> ShortLink {
    let mut link = ShortLink {
        id: LinkId(Uuid::from_u128(1)),
        workspace_id: WorkspaceId(Uuid::from_u128(2)),
        domain_id: ShortDomain::DEFAULT_ID,
        host: None,
        slug: Slug::parse("go").unwrap(),
        content: LinkContent::to(URL),
        tags: Vec::new(),
        blocked_reason: None,
        health: LinkHealth::default(),
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
        created_by: None,
    };
    change(&mut link);
    link
}

/// A visit that owns what it refers to.
#[derive(Clone, Debug)]
struct Visitor {
    address: IpAddr,
    user_agent: &'static str,
    accept_language: Option<&'static str>,
    query: Option<&'static str>,
    rest: Option<&'static str>,
    agent: Agent,
    place: Place,
    unlocked: Unlocked,
    allowance: Allowance,
}

fn visitor() -> Visitor {
    Visitor {
        address: IpAddr::from([192, 0, 2, 7]),
        user_agent: "agent",
        accept_language: Some("de-AT,en;q=0.5"),
        query: None,
        rest: None,
        agent: Agent {
            device: Device::Mobile,
            os: Some("iOS".to_owned()),
            browser: Some("Safari".to_owned()),
        },
        place: Place { country: Some("AT".parse().unwrap()), ..Place::default() },
        unlocked: Unlocked::No,
        allowance: Allowance::Left,
    }
}

impl Visitor {
    fn visit(&self) -> Visit<'_> {
        Visit {
            address: self.address,
            user_agent: Some(self.user_agent),
            accept_language: self.accept_language,
            query: self.query,
            rest: self.rest,
            agent: &self.agent,
            place: &self.place,
            unlocked: self.unlocked,
            allowance: self.allowance,
        }
    }

    fn location(&self, link: &ShortLink) -> (String, Option<u16>) {
        match decide(link, &self.visit(), NOW) {
            Decision::Redirect { location, rule, .. } => (location, rule),
            other => panic!("{other:?}"),
        }
    }
}

fn answer(link: &ShortLink) -> Decision<'_> {
    decide(link, &visitor().visit(), NOW)
}

fn redirect(location: &str, status: RedirectStatus) -> Decision<'static> {
    Decision::Redirect { status, location: location.to_owned(), rule: None }
}

#[test]
fn open_links_redirect_with_their_status() {
    assert_eq!(answer(&link(|_| ())), redirect(URL, RedirectStatus::Found));
    let archived = link(|link| link.content.state = LinkState::Archived);
    assert_eq!(answer(&archived), redirect(URL, RedirectStatus::Found));
    for status in [
        RedirectStatus::MovedPermanently,
        RedirectStatus::TemporaryRedirect,
        RedirectStatus::PermanentRedirect,
    ] {
        assert_eq!(answer(&link(|link| link.content.redirect_status = status)), redirect(URL, status));
    }
}

#[test]
fn links_that_are_not_open_are_not_found() {
    for state in [LinkState::Draft, LinkState::Disabled] {
        assert_eq!(answer(&link(|link| link.content.state = state)), Decision::NotFound);
    }
    assert_eq!(answer(&link(|link| link.content.starts_at = Some(NOW.plus_ms(1)))), Decision::NotFound);
    let started = link(|link| link.content.starts_at = Some(NOW));
    assert_eq!(answer(&started), redirect(URL, RedirectStatus::Found));
}

#[test]
fn ended_links_are_gone_or_fall_back() {
    let expired = link(|link| link.content.expires_at = Some(NOW));
    assert_eq!(answer(&expired), Decision::Gone { why: Gone::Expired, fallback_url: None });
    let elsewhere = link(|link| {
        link.content.expires_at = Some(NOW);
        link.content.expired_url = Some("https://example.com/over".to_owned());
        link.content.limit_url = Some("https://example.com/full".to_owned());
        link.content.max_clicks = Some(1);
    });
    let over = Decision::Gone { why: Gone::Expired, fallback_url: Some("https://example.com/over") };
    assert_eq!(answer(&elsewhere), over);
    let spent = Visitor { allowance: Allowance::Spent, ..visitor() };
    let limited =
        ShortLink { content: LinkContent { expires_at: None, ..elsewhere.content.clone() }, ..elsewhere };
    let full = Decision::Gone { why: Gone::LimitReached, fallback_url: Some("https://example.com/full") };
    assert_eq!(decide(&limited, &spent.visit(), NOW), full);
    assert_eq!(answer(&limited), redirect(URL, RedirectStatus::Found));
    assert_eq!(decide(&link(|_| ()), &spent.visit(), NOW), redirect(URL, RedirectStatus::Found));
}

#[test]
fn blocked_goes_before_everything() {
    let blocked = link(|link| {
        link.blocked_reason = Some("phishing".to_owned());
        link.content.state = LinkState::Draft;
        link.content.expires_at = Some(NOW);
        link.content.expired_url = Some(URL.to_owned());
    });
    assert_eq!(answer(&blocked), Decision::Blocked);
}

#[test]
fn a_password_is_asked_for_once_the_link_is_open() {
    let lock = |link: &mut ShortLink| link.content.password = Some(LinkSecret("$argon2id$".to_owned()));
    let locked = link(lock);
    assert_eq!(answer(&locked), Decision::AskPassword);
    let unlocked = Visitor { unlocked: Unlocked::Yes, ..visitor() };
    assert_eq!(unlocked.location(&locked).0, URL);
    let expired = link(|link| {
        lock(link);
        link.content.expires_at = Some(NOW);
    });
    assert_eq!(answer(&expired), Decision::Gone { why: Gone::Expired, fallback_url: None });
    assert!(!format!("{locked:?}").contains("argon2"));
}

#[test]
fn a_path_is_handed_on_only_where_the_link_says_so() {
    let deeper = Visitor { rest: Some("a/b"), query: Some("x=1"), ..visitor() };
    assert_eq!(decide(&link(|_| ()), &deeper.visit(), NOW), Decision::NotFound);
    let open = link(|link| link.content.forward_path = true);
    assert_eq!(deeper.location(&open).0, "https://example.com/a/b?x=1");
    let trap = Visitor { rest: Some("../b"), ..visitor() };
    assert_eq!(decide(&open, &trap.visit(), NOW), Decision::NotFound);
}

fn ruled(whens: &[serde_json::Value]) -> ShortLink {
    let rule = |(place, when): (usize, &serde_json::Value)| Rule {
        when: serde_json::from_value(when.clone()).unwrap(),
        url: format!("https://example.com/{place}"),
    };
    link(|link| link.content.rules = whens.iter().enumerate().map(rule).collect())
}

#[test]
fn each_condition_holds_and_fails() {
    let caller = Visitor { query: Some("ref=mail&debug"), ..visitor() };
    for (holds, fails) in [
        (json!({"country": ["DE", "AT"]}), json!({"country": ["DE"]})),
        (json!({"device": ["mobile"]}), json!({"device": ["desktop"]})),
        (json!({"os": ["ios"]}), json!({"os": ["Android"]})),
        (json!({"browser": ["SAFARI"]}), json!({"browser": ["Firefox"]})),
        (json!({"language": ["de"]}), json!({"language": ["en"]})),
        (json!({"query": {"ref": "mail", "debug": null}}), json!({"query": {"ref": "sms"}})),
        (json!({"query": {"debug": ""}}), json!({"query": {"missing": null}})),
        (json!({"cidr": ["192.0.2.0/24"]}), json!({"cidr": ["192.0.3.0/24", "2001:db8::/32"]})),
        (
            json!({"time_window": {"from": "2026-06-05T12:00:00Z"}}),
            json!({"time_window": {"until": "2026-06-05T12:00:00Z"}}),
        ),
        (json!({"percent": 100}), json!({"percent": 0})),
    ] {
        assert_eq!(caller.location(&ruled(std::slice::from_ref(&holds))).1, Some(0), "{holds}");
        assert_eq!(caller.location(&ruled(std::slice::from_ref(&fails))).1, None, "{fails}");
        let both = json!({"country": ["AT"], "device": ["mobile"], "percent": 100});
        let mut mixed = both.as_object().unwrap().clone();
        mixed.extend(fails.as_object().unwrap().clone());
        assert_eq!(caller.location(&ruled(&[mixed.into()])).1, None, "all must hold: {fails}");
    }
}

#[test]
fn what_is_unknown_of_a_visitor_fits_no_condition() {
    let stranger =
        Visitor { agent: Agent::default(), place: Place::default(), accept_language: None, ..visitor() };
    for when in [
        json!({"country": ["AT"]}),
        json!({"os": ["iOS"]}),
        json!({"browser": ["Safari"]}),
        json!({"language": ["de"]}),
    ] {
        assert_eq!(stranger.location(&ruled(std::slice::from_ref(&when))).1, None, "{when}");
    }
}

#[test]
fn the_first_rule_that_holds_wins_and_is_told() {
    let link =
        ruled(&[json!({"country": ["DE"]}), json!({"device": ["mobile"]}), json!({"country": ["AT"]})]);
    assert_eq!(visitor().location(&link), ("https://example.com/1".to_owned(), Some(1)));
    let mapped = Visitor { address: "::ffff:192.0.2.7".parse().unwrap(), ..visitor() };
    assert_eq!(mapped.location(&ruled(&[json!({"cidr": ["192.0.2.7/32"]})])).1, Some(0));
}

#[test]
fn rules_get_campaign_and_query_too() {
    let mut link = ruled(&[json!({"percent": 100})]);
    link.content.utm.source = Some("mail".to_owned());
    let caller = Visitor { query: Some("a=1"), ..visitor() };
    assert_eq!(caller.location(&link).0, "https://example.com/0?utm_source=mail&a=1");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_split_is_sticky_and_exhaustive(address: u32, agent in "[a-z]{0,8}", first in 0_u8..=100) {
        let link = ruled(&[json!({"percent": first}), json!({"percent": 100})]);
        let caller = Visitor { address: std::net::Ipv4Addr::from(address).into(), ..visitor() };
        let visit = Visit { user_agent: Some(&agent), ..caller.visit() };
        let once = decide(&link, &visit, NOW);
        prop_assert_eq!(&once, &decide(&link, &visit, NOW.plus_ms(86_400_000)));
        let chosen = matches!(&once, Decision::Redirect { rule: Some(0 | 1), .. });
        prop_assert!(chosen, "{:?}", once);
    }

    #[test]
    fn whatever_a_link_is_it_answers_by_the_order_of_contracts(
        blocked: bool, state in 0_usize..4, started: bool, expired: bool, spent: bool, locked: bool,
    ) {
        let states = [LinkState::Active, LinkState::Disabled, LinkState::Draft, LinkState::Archived];
        let link = link(|link| {
            link.blocked_reason = blocked.then(|| "law".to_owned());
            link.content.state = states[state];
            link.content.starts_at = (!started).then(|| NOW.plus_ms(1));
            link.content.expires_at = expired.then_some(NOW);
            link.content.max_clicks = Some(5);
            link.content.password = locked.then(|| LinkSecret(String::new()));
        });
        let allowance = if spent { Allowance::Spent } else { Allowance::Left };
        let caller = Visitor { allowance, ..visitor() };
        let expected = if blocked {
            Decision::Blocked
        } else if matches!(states[state], LinkState::Disabled | LinkState::Draft) || !started {
            Decision::NotFound
        } else if expired {
            Decision::Gone { why: Gone::Expired, fallback_url: None }
        } else if spent {
            Decision::Gone { why: Gone::LimitReached, fallback_url: None }
        } else if locked {
            Decision::AskPassword
        } else {
            redirect(URL, RedirectStatus::Found)
        };
        prop_assert_eq!(decide(&link, &caller.visit(), NOW), expected);
    }
}
