//! Whether a rule's conditions hold for a visit.

use url::form_urlencoded;

use super::{Conditions, language, percent};
use crate::{
    id::LinkId,
    short_link::{Rule, Visit},
    time::Timestamp,
};

impl Rule {
    /// The place of the first of `rules` that holds.
    pub(in crate::short_link) fn first<'r>(
        rules: &'r [Self],
        link_id: LinkId,
        visit: &Visit<'_>,
        now: Timestamp,
    ) -> Option<(usize, &'r Self)> {
        let holds = |(place, rule): &(usize, &Self)| {
            // The hash last: it costs more than all the others.
            rule.when.hold(visit, now) && rule.when.share_holds((link_id, *place), visit)
        };
        rules.iter().enumerate().find(holds)
    }
}

impl Conditions {
    fn hold(&self, visit: &Visit<'_>, now: Timestamp) -> bool {
        self.agent_holds(visit)
            && self.place_holds(visit)
            && (self.language.is_empty()
                || language::is_liked(&self.language, visit.accept_language.unwrap_or_default()))
            && self.query_holds(visit.query.unwrap_or_default())
            && self.time_window.as_ref().is_none_or(|window| window.contains(now))
    }

    fn agent_holds(&self, visit: &Visit<'_>) -> bool {
        (self.device.is_empty() || self.device.contains(&visit.agent.device))
            && names(&self.os, visit.agent.os.as_deref())
            && names(&self.browser, visit.agent.browser.as_deref())
    }

    fn place_holds(&self, visit: &Visit<'_>) -> bool {
        let address = visit.address.to_canonical();
        let in_country = visit.place.country.is_some_and(|country| self.country.contains(&country));
        (self.country.is_empty() || in_country)
            && (self.cidr.is_empty() || self.cidr.iter().any(|net| net.contains(&address)))
    }

    fn query_holds(&self, query: &str) -> bool {
        self.query.iter().all(|(name, value)| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.any(|(given, text)| given == *name && value.as_ref().is_none_or(|value| text == *value))
        })
    }

    fn share_holds(&self, rule: (LinkId, usize), visit: &Visit<'_>) -> bool {
        let visitor = (visit.address, visit.user_agent.unwrap_or_default());
        self.percent.is_none_or(|percent| percent::falls_within(percent, rule, visitor))
    }
}

/// Whether a name is in a list; an empty list takes any, and none.
fn names(list: &[String], name: Option<&str>) -> bool {
    list.is_empty() || name.is_some_and(|name| list.iter().any(|listed| listed.eq_ignore_ascii_case(name)))
}
