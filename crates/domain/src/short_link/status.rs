//! What a link is: what its owner set, and what the server's operator put over it.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoStaticStr};

/// What the owner of a link sets.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    EnumString,
    IntoStaticStr,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LinkState {
    #[default]
    Active,
    /// Switched off: its slug answers 404.
    Disabled,
    /// Not published yet: its slug answers 404.
    Draft,
    /// Goes on redirecting, but leaves the default list.
    Archived,
}

/// What a link shows as its `status`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, EnumString, IntoStaticStr, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LinkStatus {
    Active,
    Disabled,
    Draft,
    Archived,
    /// Set and lifted by the server's operator alone: its slug answers 451.
    Blocked,
}

impl From<LinkState> for LinkStatus {
    fn from(state: LinkState) -> Self {
        match state {
            LinkState::Active => Self::Active,
            LinkState::Disabled => Self::Disabled,
            LinkState::Draft => Self::Draft,
            LinkState::Archived => Self::Archived,
        }
    }
}

impl LinkStatus {
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What an owner may set; `None` for `blocked`.
    pub const fn state(self) -> Option<LinkState> {
        match self {
            Self::Active => Some(LinkState::Active),
            Self::Disabled => Some(LinkState::Disabled),
            Self::Draft => Some(LinkState::Draft),
            Self::Archived => Some(LinkState::Archived),
            Self::Blocked => None,
        }
    }
}
