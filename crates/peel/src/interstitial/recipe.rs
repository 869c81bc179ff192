//! The recipes: where a page of that kind is found, and which of its elements holds the link.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use url::Url;

use crate::host_pattern::matches_host;

/// How one kind of page is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    pub(crate) id: String,
    /// Host pattern with an optional path: a prefix that ends at a segment's end, or a part when it begins with `/…/`.
    places: Vec<String>,
    /// Name of the element.
    pub(super) element: String,
    /// Attributes it has: `class` holds the word among others, any other is equal.
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, String>,
    /// The attribute that holds the link.
    pub(super) holds: String,
    /// Query parameters of the page's own URL of which one names the same link; `?` is the whole query.
    #[serde(default)]
    pub(super) named_by: Vec<String>,
}

#[derive(Deserialize)]
struct RecipeFile {
    recipe: Vec<Recipe>,
}

pub(super) fn recipes() -> &'static [Recipe] {
    static RECIPES: LazyLock<Vec<Recipe>> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "Invariant: the file is compiled in and a test parses it")]
        let file: RecipeFile =
            toml::from_str(include_str!("../interstitials.toml")).expect("parse the interstitial recipes");
        file.recipe
    });
    &RECIPES
}

/// The recipe for the page at `url`.
pub(super) fn recipe_for(url: &Url) -> Option<&'static Recipe> {
    recipes().iter().find(|recipe| recipe.places.iter().any(|place| is_at(place, url)))
}

fn is_at(place: &str, url: &Url) -> bool {
    let (host, path) = place.find('/').map_or((place, ""), |at| place.split_at(at));
    let is_path = match path.strip_prefix("/…") {
        Some(part) => ends_segment(url.path().find(part).map(|at| &url.path()[at + part.len()..])),
        None => ends_segment(url.path().strip_prefix(path)),
    };
    is_path && url.host_str().is_some_and(|name| matches_host(host, name))
}

fn ends_segment(rest: Option<&str>) -> bool {
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
