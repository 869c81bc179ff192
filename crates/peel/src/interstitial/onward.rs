//! Where an interstitial leads: to the one link to another site that its recipe finds, or nowhere.

use hopline_domain::chain::HopKind;
use url::Url;

use super::{
    links::links_of,
    named::is_named,
    recipe::{Recipe, recipe_for},
};
use crate::{app_link::fallback_of, location::is_web, next_hop::NextHop, url_text::parse_link};

/// A page that a recipe knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interstitial(&'static Recipe);

/// The recipe's page at `url`, if there is one.
pub(crate) fn interstitial_at(url: &Url) -> Option<Interstitial> {
    recipe_for(url).map(Interstitial)
}

impl Interstitial {
    /// The one hop that the page at `url` with this text leads to.
    pub(crate) fn onward(self, url: &Url, html: &str) -> Option<NextHop> {
        let links = links_of(html, self.0);
        let base =
            links.base.and_then(|base| parse_link(&base, Some(url)).ok()).unwrap_or_else(|| url.clone());
        let mut targets = links.texts.iter().filter_map(|text| self.target(text, &base, url));
        let first = targets.next()?;
        let is_only = targets.all(|other| other.0 == first.0);
        let (target, kind) = first;
        is_only.then(|| NextHop { rule: Some(self.0.id.clone()), ..NextHop::get(target, kind) })
    }

    fn target(self, text: &str, base: &Url, page: &Url) -> Option<(Url, HopKind)> {
        let link = parse_link(text, Some(base)).ok()?;
        let (target, kind) = match fallback_of(&link) {
            Some(fallback) => (fallback, HopKind::AppLink),
            None => (link, HopKind::Link),
        };
        let is_wanted = is_web(&target)
            && is_external(&target, page)
            && (self.0.named_by.is_empty() || is_named(page, &self.0.named_by, &target));
        is_wanted.then_some((target, kind))
    }
}

/// On another site: another registrable domain, or another host where there is none.
fn is_external(target: &Url, page: &Url) -> bool {
    let site = |url: &Url| {
        let host = url.host_str().unwrap_or_default().to_owned();
        url.domain().and_then(psl::domain_str).map_or(host, str::to_owned)
    };
    site(target) != site(page)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde::Deserialize;

    use super::*;
    use crate::interstitial::recipe::recipes;

    #[derive(Deserialize)]
    struct Examples {
        example: Vec<Example>,
    }

    /// A page and where it leads; without `leads_to` it stays.
    #[derive(Deserialize)]
    struct Example {
        recipe: String,
        url: String,
        html: String,
        leads_to: Option<String>,
    }

    fn examples() -> Vec<Example> {
        toml::from_str::<Examples>(include_str!("examples.toml")).unwrap().example
    }

    #[test]
    fn every_recipe_reads_its_example() {
        let mut shown = HashSet::new();
        for example in examples() {
            let url = Url::parse(&example.url).unwrap();
            let interstitial = interstitial_at(&url).unwrap_or_else(|| panic!("no recipe at {url}"));
            assert_eq!(interstitial.0.id, example.recipe, "{url}");
            let next = interstitial.onward(&url, &example.html);
            let led = next.as_ref().map(|next| next.url.to_string());
            assert_eq!(led, example.leads_to, "{}", example.html);
            if let Some(next) = next {
                assert_eq!(next.rule.as_deref(), Some(example.recipe.as_str()));
                shown.insert(example.recipe);
            }
        }
        let unshown: Vec<_> = recipes().iter().filter(|recipe| !shown.contains(&recipe.id)).collect();
        assert!(unshown.is_empty(), "recipes without an example that leads on: {unshown:?}");
    }

    #[test]
    fn the_file_is_tidy() {
        assert!(recipes().is_sorted_by(|a, b| a.id < b.id), "sort the recipes by id, each once");
    }

    #[test]
    fn other_pages_have_no_recipe() {
        for url in [
            "https://www.google.com/search?q=x",
            "https://www.google.com/urls?q=x",
            "https://vk.com/feed",
            "https://steamcommunity.com/profiles/1",
            "https://notv.gd/x",
            "https://a.test/goto/link-confirmations",
        ] {
            assert!(interstitial_at(&Url::parse(url).unwrap()).is_none(), "{url}");
        }
    }
}
