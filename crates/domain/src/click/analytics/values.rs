//! The values of a click in each dimension.

use strum::IntoEnumIterator;

use crate::click::{Click, analytics::Dimension};

impl Dimension {
    /// What the click says; empty when it does not. Only tags can be several.
    pub fn values_of(self, click: &Click) -> Vec<String> {
        let one = match self {
            Self::Tag => return click.tags.iter().map(ToString::to_string).collect(),
            Self::Country => click.place.country.map(|country| country.to_string()),
            Self::Region => click.place.region.clone(),
            Self::City => click.place.city.clone(),
            Self::Device => Some(click.agent.device.as_str().to_owned()),
            Self::Os => click.agent.os.clone(),
            Self::Browser => click.agent.browser.clone(),
            Self::Source => Some(click.source.as_str().to_owned()),
            Self::Bot => click.bot.map(|bot| bot.as_str().to_owned()),
            Self::Link => Some(click.link_id.to_string()),
            Self::Domain => Some(click.domain.clone()),
            Self::Language => click.language.clone(),
            Self::Referrer => click.referrer.clone(),
            Self::UtmSource => click.utm.source.clone(),
            Self::UtmMedium => click.utm.medium.clone(),
            Self::UtmCampaign => click.utm.campaign.clone(),
            Self::UtmTerm => click.utm.term.clone(),
            Self::UtmContent => click.utm.content.clone(),
            Self::Rule => click.rule.map(|rule| rule.to_string()),
        };
        one.into_iter().collect()
    }

    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }
}
