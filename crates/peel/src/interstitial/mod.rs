//! Pages that stand before a destination and name it in one link. Recipes are data (`interstitials.toml`); a page without
//! exactly one such link to another site stays what it is.

mod links;
mod named;
mod onward;
mod recipe;

pub(crate) use onward::interstitial_at;
