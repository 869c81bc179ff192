//! Readers of a domain's members, shared by create and update.

use hopline_domain::short_link::{CaseRule, DomainHost};
use serde_json::Value;

use crate::{
    app::App,
    fields::{Change, Fields, Place, parsed, text, word},
};

const HOST_BYTES_MAX: usize = 300;
const URL_READ_BYTES_MAX: usize = 8_192;

pub(super) fn host(value: &Value, place: &mut Place<'_>) -> Option<DomainHost> {
    parsed(HOST_BYTES_MAX, |text| DomainHost::parse(text).map_err(|error| error.to_string()))(value, place)
}

pub(super) fn case_rule(value: &Value, place: &mut Place<'_>) -> Option<CaseRule> {
    word("sensitive, insensitive")(value, place)
}

/// Where visits are sent that meet no link.
fn destination(app: &App) -> impl Fn(&Value, &mut Place<'_>) -> Option<String> + '_ {
    move |value, place| match app.destinations.judge(&text(URL_READ_BYTES_MAX)(value, place)?) {
        Ok(url) => Some(url),
        Err(refusal) => place.refuse(refusal.word(), refusal.to_string()),
    }
}

/// What a domain answers where there is no link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FallbackChange {
    pub(super) root_url: Change<String>,
    pub(super) not_found_url: Change<String>,
}

pub(super) fn fallbacks(fields: &mut Fields<'_, '_>, app: &App) -> FallbackChange {
    FallbackChange {
        root_url: fields.change("root_url", destination(app)),
        not_found_url: fields.change("not_found_url", destination(app)),
    }
}
