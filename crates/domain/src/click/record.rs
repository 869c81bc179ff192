//! One click as it is kept: no raw address unless the operator switched that on.

use std::net::IpAddr;

use crate::{
    click::{Agent, BotReason, ClickSource, Place, Utm, Visitor, VisitorHash},
    id::{LinkId, TagId, WorkspaceId},
    time::Timestamp,
};

/// What a redirect tells of itself, for its click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Click {
    pub at: Timestamp,
    pub workspace_id: WorkspaceId,
    pub link_id: LinkId,
    /// Host of the short URL.
    pub domain: String,
    /// The link's tags at the time of the click.
    pub tags: Vec<TagId>,
    /// Place of the rule that chose the destination in the link's list, from 0.
    pub rule: Option<u16>,
    pub place: Place,
    pub agent: Agent,
    pub language: Option<String>,
    pub referrer: Option<String>,
    pub utm: Utm,
    pub source: ClickSource,
    pub bot: Option<BotReason>,
    pub visitor: VisitorHash,
    pub address: Option<IpAddr>,
}

/// The link's side of a click.
#[derive(Clone, Debug)]
pub struct Clicked<'a> {
    pub workspace_id: WorkspaceId,
    pub link_id: LinkId,
    pub domain: &'a str,
    pub tags: &'a [TagId],
    pub rule: Option<u16>,
    /// Query of the destination, without its `?`: names the campaign where the short URL's own query does not.
    pub destination_query: Option<&'a str>,
}

impl Click {
    /// The click of a visit that was answered with a redirect.
    pub fn of(clicked: &Clicked<'_>, visitor: Visitor, at: Timestamp) -> Self {
        let of_destination = Utm::of_query(clicked.destination_query.unwrap_or_default());
        Self {
            at,
            workspace_id: clicked.workspace_id,
            link_id: clicked.link_id,
            domain: clicked.domain.to_owned(),
            tags: clicked.tags.to_vec(),
            rule: clicked.rule,
            place: visitor.place,
            agent: visitor.agent,
            language: visitor.language,
            referrer: visitor.referrer,
            utm: visitor.utm.or(of_destination),
            source: visitor.source,
            bot: visitor.bot,
            visitor: visitor.hash,
            address: visitor.address,
        }
    }

    /// Whether it counts as a person's click.
    pub const fn is_human(&self) -> bool {
        self.bot.is_none()
    }
}
