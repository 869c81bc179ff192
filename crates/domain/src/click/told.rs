//! A click as endpoints are told of it: no visitor hash, no address.

use serde_json::json;

use super::JournalClick;
use crate::{
    event::{EventType, NewEvent, Occasion},
    id::EventId,
    short_link::{ShortLink, ShortUrls},
};

/// `link.clicked`. A link that is gone is told by its id alone.
pub fn clicked_event(click: &JournalClick, link: Option<&ShortLink>, urls: &ShortUrls) -> NewEvent {
    let id = EventId::of_click(click.id());
    let of = &click.click;
    let occasion = Occasion { id, workspace_id: of.workspace_id, created_at: of.at };
    let data = json!({
        "click_id": click.id(),
        "link": {
            "id": of.link_id,
            "domain": of.domain,
            "slug": link.map(|link| &link.slug),
            "short_url": link.map(|link| urls.short_url(link)),
        },
        "time": of.at,
        "country": of.place.country,
        "device": of.agent.device,
        "browser": of.agent.browser,
        "os": of.agent.os,
        "referrer": of.referrer,
        "source": of.source,
        "bot": of.bot,
    });
    NewEvent::enveloped(EventType::LinkClicked, occasion, &data).about_link(of.link_id, of.tags.clone())
}

/// The position of a click as a negative number: how its row is told from those of the event log.
pub fn hidden_seq(click: &JournalClick) -> i64 {
    let place = i64::try_from(click.offset.0).unwrap_or(i64::MAX - 1);
    -(place + 1)
}
