//! Events and their bodies, exactly as receivers see them.

use serde::Serialize;
use serde_json::Value;
use strum::{EnumIter, EnumString, IntoStaticStr};

use crate::{
    id::{ClickId, EventId, JobId, LinkId, TagId, WorkspaceId, derive},
    job::JobStatus,
    outcome::{JobError, Outcome},
    provider::Tier,
    time::Timestamp,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, EnumString, IntoStaticStr)]
pub enum EventType {
    #[strum(serialize = "resolve.done")]
    ResolveDone,
    /// Failed and invalid alike: the body's `status` tells which.
    #[strum(serialize = "resolve.failed")]
    ResolveFailed,
    #[strum(serialize = "link.created")]
    LinkCreated,
    #[strum(serialize = "link.updated")]
    LinkUpdated,
    #[strum(serialize = "link.deleted")]
    LinkDeleted,
    /// No row of the event log: the click is the record.
    #[strum(serialize = "link.clicked")]
    LinkClicked,
    #[strum(serialize = "link.broken")]
    LinkBroken,
    #[strum(serialize = "link.drifted")]
    LinkDrifted,
    #[strum(serialize = "link.expired")]
    LinkExpired,
    #[strum(serialize = "link.limit_reached")]
    LinkLimitReached,
    #[strum(serialize = "endpoint.disabled")]
    EndpointDisabled,
    /// Sent only to the endpoint that is tested.
    #[strum(serialize = "webhook.test")]
    WebhookTest,
}

impl EventType {
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    pub const fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Done { .. } => Self::ResolveDone,
            Outcome::Failed { .. } | Outcome::Invalid { .. } => Self::ResolveFailed,
        }
    }
}

/// An event to raise: what the log keeps, and what decides which endpoints are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    pub id: EventId,
    pub workspace_id: WorkspaceId,
    pub event_type: EventType,
    /// The job it tells of.
    pub job_id: Option<JobId>,
    /// The link it tells of, for the link filter of endpoints.
    pub link_id: Option<LinkId>,
    /// The tags of that link, for their tag filter.
    pub tag_ids: Vec<TagId>,
    /// As endpoints and the event log show it; at most `limits::DELIVERY_BODY_BYTES_MAX`.
    pub body: Vec<u8>,
    pub created_at: Timestamp,
}

/// The envelope of contracts §6: everything but `resolve.*`, which is flat.
#[derive(Serialize)]
struct Envelope<'a> {
    event: &'static str,
    id: EventId,
    created_at: Timestamp,
    workspace_id: WorkspaceId,
    data: &'a Value,
}

/// When an event happened and to whom: what every envelope says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    pub id: EventId,
    pub workspace_id: WorkspaceId,
    pub created_at: Timestamp,
}

impl NewEvent {
    /// An event whose body is the envelope around `data`.
    pub fn enveloped(event_type: EventType, occasion: Occasion, data: &Value) -> Self {
        let Occasion { id, workspace_id, created_at } = occasion;
        let envelope = Envelope { event: event_type.as_str(), id, created_at, workspace_id, data };
        let body = serde_json::to_vec(&envelope).unwrap_or_default();
        Self {
            id,
            workspace_id,
            event_type,
            job_id: None,
            link_id: None,
            tag_ids: Vec::new(),
            body,
            created_at,
        }
    }

    /// The same event, about a link with these tags.
    #[must_use]
    pub fn about_link(self, link_id: LinkId, tag_ids: Vec<TagId>) -> Self {
        Self { link_id: Some(link_id), tag_ids, ..self }
    }
}

impl EventId {
    /// The event of a click, always the same one.
    pub fn of_click(click_id: ClickId) -> Self {
        Self(derive(click_id.0, b"link.clicked"))
    }
}

/// What a finished job tells, before it is written for a receiver.
#[derive(Clone, Debug)]
pub struct ResolveEvent<'a> {
    pub created_at: Timestamp,
    pub job_id: JobId,
    pub outcome: &'a Outcome,
    pub provider: &'a str,
    pub tier: Tier,
    pub credits_charged: i64,
    /// The workspace's balance after the charge.
    pub balance: i64,
}

/// The flat body of contracts §6; every key is always present, in this order.
#[derive(Serialize)]
struct ResolveBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<EventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace_id: Option<WorkspaceId>,
    event: &'static str,
    created_at: Timestamp,
    job_id: JobId,
    status: JobStatus,
    target_url: Option<&'a str>,
    provider: Option<&'a str>,
    tier: Option<Tier>,
    error: Option<JobError>,
    credits_charged: i64,
    balance: i64,
}

impl ResolveEvent<'_> {
    /// The body of a per-request delivery.
    pub fn request_body(&self) -> Vec<u8> {
        self.write(None, None)
    }

    /// The body kept with the event, as endpoints and the event log show it.
    pub fn event_body(&self, id: EventId, workspace_id: WorkspaceId) -> Vec<u8> {
        self.write(Some(id), Some(workspace_id))
    }

    fn write(&self, id: Option<EventId>, workspace_id: Option<WorkspaceId>) -> Vec<u8> {
        let target_url = match self.outcome {
            Outcome::Done { target_url } => Some(target_url.as_str()),
            Outcome::Failed { .. } | Outcome::Invalid { .. } => None,
        };
        let body = ResolveBody {
            id,
            workspace_id,
            event: EventType::of(self.outcome).as_str(),
            created_at: self.created_at,
            job_id: self.job_id,
            status: JobStatus::of(self.outcome),
            target_url,
            provider: target_url.map(|_| self.provider),
            tier: target_url.map(|_| self.tier),
            error: self.outcome.error(),
            credits_charged: self.credits_charged,
            balance: self.balance,
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::outcome::Reason;

    #[test]
    fn bodies_are_flat_and_complete() {
        let done = Outcome::Done { target_url: "https://example.com/".to_owned() };
        let mut event = ResolveEvent {
            created_at: Timestamp(1_780_660_800_000),
            job_id: JobId(Uuid::nil()),
            outcome: &done,
            provider: "bitly",
            tier: Tier::Standard,
            credits_charged: 1,
            balance: 41,
        };
        insta::assert_snapshot!(String::from_utf8(event.request_body()).unwrap(), @r#"{"event":"resolve.done","created_at":"2026-06-05T12:00:00.000Z","job_id":"00000000-0000-0000-0000-000000000000","status":"done","target_url":"https://example.com/","provider":"bitly","tier":"standard","error":null,"credits_charged":1,"balance":41}"#);
        let invalid = Outcome::Invalid { reason: Reason::ForbiddenAddress, vendor: None };
        event.outcome = &invalid;
        event.credits_charged = 0;
        insta::assert_snapshot!(String::from_utf8(event.request_body()).unwrap(), @r#"{"event":"resolve.failed","created_at":"2026-06-05T12:00:00.000Z","job_id":"00000000-0000-0000-0000-000000000000","status":"invalid","target_url":null,"provider":null,"tier":null,"error":"unsupported_link","credits_charged":0,"balance":41}"#);
    }
}
