//! What the fuzz targets of `fuzz/` may reach of this room: the readers of what strangers send. Built by cargo-fuzz alone.

use url::Url;

use crate::{
    html::{ContentType, Document, document_kind, is_attachment, read_page},
    location::{LocationStep, location_step},
    refresh::parse_refresh,
    schedule::RefreshSchedule,
};

/// Where an answer's `Location` values lead, if anywhere.
pub fn location(status: u16, values: &[&[u8]], current: &Url) -> Option<Url> {
    match location_step(status, values, current) {
        LocationStep::Follow(url) | LocationStep::AppLink(url) => Some(url),
        LocationStep::Stay | LocationStep::Refuse(_) => None,
    }
}

/// Seconds and target of a refresh instruction.
pub fn refresh(text: &str) -> Option<(u64, Option<String>)> {
    parse_refresh(text).map(|refresh| (refresh.delay_s, refresh.target))
}

/// Reads a document of these headers, unless it is a download; answers where it refreshes to.
pub fn page(url: &Url, content_types: &[&[u8]], disposition: &[u8], body: &[u8]) -> Option<Url> {
    if is_attachment(disposition) {
        return None;
    }
    let content_type = ContentType::from_values(content_types);
    let kind = document_kind(&content_type, false, body);
    let document = Document { url, kind, content_type: &content_type, body };
    let page = read_page(document, RefreshSchedule::default());
    page.schedule.winner().map(|refresh| refresh.url.clone())
}
