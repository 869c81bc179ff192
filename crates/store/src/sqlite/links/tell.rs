//! What a change of a link writes beside it: its event with deliveries (I02), and its audit line.

use hopline_domain::{
    event::{EventType, NewEvent, Occasion},
    id::{EventId, KeyId},
    short_link::{LinkDocument, ShortLink, ShortUrls},
    store::{AuditEntry, LinkDeed, LinkScene},
    time::Timestamp,
};
use serde_json::Value;

use crate::sqlite::{
    audit::{self, Actor},
    events,
    fault::SqlResult,
    writer::Turn,
};

/// A change that is told of.
pub(super) struct Told<'a> {
    pub(super) action: &'static str,
    pub(super) event_type: EventType,
    pub(super) deed: LinkDeed,
    pub(super) scene: &'a LinkScene,
    pub(super) key_id: KeyId,
}

/// Tells of `link` as it is now, or was when it was deleted.
pub(super) fn tell(
    turn: &mut Turn<'_>,
    told: &Told<'_>,
    link: &ShortLink,
    before: Option<&ShortLink>,
    now: Timestamp,
) -> SqlResult<()> {
    let urls = &told.scene.urls;
    let data = LinkDocument::event_data(link, urls);
    raise(turn, told.event_type, told.deed.event_id, (link, &data), now)?;
    let is_gone = told.event_type == EventType::LinkDeleted;
    let entry = AuditEntry {
        id: told.deed.audit_id,
        action: told.action,
        address: told.scene.address,
        subject: link.id.to_string(),
        after: if is_gone { Value::Null } else { data },
    };
    let before = before.map(|before| LinkDocument::event_data(before, urls));
    // An operator acts in the workspace whose link it is.
    let actor = Actor { workspace_id: link.workspace_id, key_id: told.key_id };
    audit::append(turn.connection, actor, &entry, before.as_ref(), now)
}

/// An event that nobody's request caused.
pub(super) fn tell_alone(
    turn: &mut Turn<'_>,
    event_type: EventType,
    (event_id, link): (EventId, &ShortLink),
    urls: &ShortUrls,
    now: Timestamp,
) -> SqlResult<()> {
    let data = LinkDocument::event_data(link, urls);
    raise(turn, event_type, event_id, (link, &data), now)
}

fn raise(
    turn: &mut Turn<'_>,
    event_type: EventType,
    id: EventId,
    (link, data): (&ShortLink, &Value),
    now: Timestamp,
) -> SqlResult<()> {
    let occasion = Occasion { id, workspace_id: link.workspace_id, created_at: now };
    let tag_ids = link.tags.iter().map(|tag| tag.id).collect();
    let event = NewEvent::enveloped(event_type, occasion, data).about_link(link.id, tag_ids);
    events::write(turn, &event).map(|_| ())
}
