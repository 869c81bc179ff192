//! What an event means for the visit: how it goes on, and why it is over.

use std::collections::BTreeMap;

use hopline_domain::outcome::Reason;

/// Why a visit is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The browser could not load this.
    Failed {
        url: String,
        error: String,
    },
    Refused(Reason),
    Download {
        url: String,
    },
    /// The page asks for itself and nothing changes: it is the destination.
    Stay,
}

/// What an event means for the pace of the visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    Started,
    Committed,
    /// The page and all it asked for are there.
    Stopped,
    /// A navigation ended without a page.
    Aborted,
    /// The source of this request can be asked for.
    Body(String),
    Dialog(Reply),
    Paused(Held),
    BudgetExpired,
    Crashed,
    Other,
}

/// What a page is told that asks a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Accept,
    Dismiss,
}

/// A request the browser holds until it is told to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) id: String,
    pub(crate) of: HeldOf,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HeldOf {
    /// The tab's own navigation, with the headers it would go with.
    Navigation(BTreeMap<String, String>),
    Other,
}
