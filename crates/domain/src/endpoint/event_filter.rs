//! Which events an endpoint is told: names, families of names, links and tags.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strum::IntoEnumIterator;

use crate::{
    event::EventType,
    id::{LinkId, TagId},
};

/// One item of an event filter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventPattern {
    /// `*`
    All,
    /// `link.*`: every event whose name begins so. Holds the word before the point.
    Family(String),
    One(EventType),
}

/// There is no event of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "subscribe to {name:?}: there is no such event; give a name of the reference, a family as `link.*`, or `*`"
)]
pub struct UnknownEvent {
    pub name: String,
}

impl EventPattern {
    fn covers(&self, event_type: EventType) -> bool {
        match self {
            Self::All => true,
            Self::Family(family) => family_of(event_type) == family,
            Self::One(one) => *one == event_type,
        }
    }
}

/// The word before the point.
fn family_of(event_type: EventType) -> &'static str {
    let name = event_type.as_str();
    name.split_once('.').map_or(name, |(family, _)| family)
}

/// A test is sent to the endpoint that is tested, whatever it subscribes to.
fn subscribable() -> impl Iterator<Item = EventType> {
    EventType::iter().filter(|event_type| *event_type != EventType::WebhookTest)
}

impl FromStr for EventPattern {
    type Err = UnknownEvent;

    fn from_str(text: &str) -> Result<Self, UnknownEvent> {
        if text == "*" {
            return Ok(Self::All);
        }
        let family =
            text.strip_suffix(".*").filter(|family| subscribable().any(|one| family_of(one) == *family));
        let one = || subscribable().find(|one| one.as_str() == text);
        let found = family.map(|family| Self::Family(family.to_owned())).or_else(|| one().map(Self::One));
        found.ok_or_else(|| UnknownEvent { name: text.to_owned() })
    }
}

impl fmt::Display for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Family(family) => write!(f, "{family}.*"),
            Self::One(one) => f.write_str(one.as_str()),
        }
    }
}

impl Serialize for EventPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What an endpoint subscribes to: no item is covered by another, so an event matches at most one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventFilter(BTreeSet<EventPattern>);

impl EventFilter {
    /// Leaves out what another item covers.
    pub fn new(patterns: impl IntoIterator<Item = EventPattern>) -> Self {
        let all: BTreeSet<EventPattern> = patterns.into_iter().collect();
        let covered = |pattern: &EventPattern| match pattern {
            EventPattern::All => false,
            EventPattern::Family(_) => all.contains(&EventPattern::All),
            EventPattern::One(one) => all.iter().any(|other| other != pattern && other.covers(*one)),
        };
        Self(all.iter().filter(|pattern| !covered(pattern)).cloned().collect())
    }

    pub fn matches(&self, event_type: EventType) -> bool {
        self.0.iter().any(|pattern| pattern.covers(event_type))
    }

    pub fn patterns(&self) -> impl Iterator<Item = &EventPattern> {
        self.0.iter()
    }

    /// The names of the patterns that cover an event: what a lookup by name asks for.
    pub fn names_covering(event_type: EventType) -> [String; 3] {
        [event_type.as_str().to_owned(), format!("{}.*", family_of(event_type)), "*".to_owned()]
    }
}

/// Narrows an endpoint to links. Empty lets everything through; else an event has to be about one of the links, or about
/// a link that has one of the tags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkFilter {
    pub link_ids: BTreeSet<LinkId>,
    pub tag_ids: BTreeSet<TagId>,
}

impl LinkFilter {
    pub fn matches(&self, link_id: Option<LinkId>, tag_ids: &[TagId]) -> bool {
        let open = self.link_ids.is_empty() && self.tag_ids.is_empty();
        open || link_id.is_some_and(|id| self.link_ids.contains(&id))
            || tag_ids.iter().any(|id| self.tag_ids.contains(id))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn filter(names: &[&str]) -> EventFilter {
        EventFilter::new(names.iter().map(|name| name.parse().unwrap()))
    }

    #[test]
    fn only_known_names_families_and_the_star_are_taken() {
        for bad in [
            "",
            "link",
            "link.",
            "link.*.*",
            ".*",
            "links.*",
            "link.Clicked",
            "webhook.test",
            "webhook.*",
            "**",
        ] {
            assert!(bad.parse::<EventPattern>().is_err(), "{bad}");
        }
        for good in ["*", "link.*", "resolve.*", "endpoint.disabled", "link.clicked"] {
            assert_eq!(good.parse::<EventPattern>().unwrap().to_string(), good);
        }
    }

    #[test]
    fn an_event_matches_one_item_at_most() {
        let names = |filter: &EventFilter| filter.patterns().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&filter(&["link.created", "link.*", "resolve.done"])), ["link.*", "resolve.done"]);
        assert_eq!(names(&filter(&["*", "link.*", "resolve.done"])), ["*"]);
        for event_type in subscribable() {
            let covering = EventFilter::names_covering(event_type);
            for names in [vec!["*"], vec!["link.*", "link.created"], vec!["endpoint.disabled"]] {
                let filter = filter(&names);
                let hits = filter.patterns().filter(|one| covering.contains(&one.to_string())).count();
                assert_eq!(hits, usize::from(filter.matches(event_type)), "{event_type:?} {names:?}");
            }
        }
    }

    #[test]
    fn a_link_filter_lets_through_its_links_and_their_tags_only() {
        let (link, other) = (LinkId(Uuid::from_u128(1)), LinkId(Uuid::from_u128(2)));
        let tag = TagId(Uuid::from_u128(3));
        assert!(LinkFilter::default().matches(None, &[]));
        let narrow = LinkFilter { link_ids: [link].into(), tag_ids: [tag].into() };
        assert!(narrow.matches(Some(link), &[]));
        assert!(narrow.matches(Some(other), &[tag]));
        assert!(!narrow.matches(Some(other), &[]));
        assert!(!narrow.matches(None, &[]), "an event about no link is not for it");
    }
}
