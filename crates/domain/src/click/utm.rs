//! The five campaign parameters of a visit.

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use crate::{click::cut, limits::CLICK_TEXT_BYTES_MAX};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Utm {
    pub source: Option<String>,
    pub medium: Option<String>,
    pub campaign: Option<String>,
    pub term: Option<String>,
    pub content: Option<String>,
}

impl Utm {
    /// Reads `utm_*` of a query without its `?`; the first of a name counts, empty ones don't, long ones are cut.
    pub fn of_query(query: &str) -> Self {
        let mut utm = Self::default();
        if !query.contains("utm_") {
            return utm;
        }
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let Some(place) = utm.place(&name) else { continue };
            if place.is_none() && !value.is_empty() {
                *place = Some(cut(&value, CLICK_TEXT_BYTES_MAX).to_owned());
            }
        }
        utm
    }

    fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "utm_source" => Some(&mut self.source),
            "utm_medium" => Some(&mut self.medium),
            "utm_campaign" => Some(&mut self.campaign),
            "utm_term" => Some(&mut self.term),
            "utm_content" => Some(&mut self.content),
            _ => None,
        }
    }

    /// These, and what they lack from `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            source: self.source.or(other.source),
            medium: self.medium.or(other.medium),
            campaign: self.campaign.or(other.campaign),
            term: self.term.or(other.term),
            content: self.content.or(other.content),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_first_of_each_name() {
        let utm = Utm::of_query("utm_source=news%20letter&x=1&utm_source=second&utm_term=&utm_content=a+b");
        assert_eq!(utm.source.as_deref(), Some("news letter"));
        assert_eq!((utm.term.as_deref(), utm.content.as_deref()), (None, Some("a b")));
        let filled = utm.or(Utm::of_query("utm_source=other&utm_medium=mail"));
        assert_eq!((filled.source.as_deref(), filled.medium.as_deref()), (Some("news letter"), Some("mail")));
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        let utm = Utm::of_query(&format!("utm_campaign={}", "ä".repeat(400)));
        let kept = utm.campaign.unwrap();
        assert!(kept.len() <= CLICK_TEXT_BYTES_MAX && kept.chars().all(|c| c == 'ä'), "{kept}");
    }
}
