//! Where a click lies in the click journal, and the id that follows from it.

use std::fmt;

use uuid::Builder;

use crate::{click::Click, id::ClickId, time::Timestamp};

/// Bytes from the beginning of the journal, counted over all its segments, removed ones too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalOffset(pub u64);

impl fmt::Display for JournalOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl ClickId {
    /// The id of the click recorded at `offset`: the same each time it is asked for, so what is derived from it
    /// (the id of its event) is too. A `UUIDv7` whose random part is the offset.
    pub fn of_journal(at: Timestamp, offset: JournalOffset) -> Self {
        let mut random = [0_u8; 10];
        // The version and the variant lie in bytes 0 and 2: the offset keeps to the other seven.
        let place = offset.0.to_be_bytes();
        random[3..].copy_from_slice(&place[1..]);
        Self(Builder::from_unix_timestamp_millis(u64::try_from(at.0).unwrap_or(0), &random).into_uuid())
    }
}

/// A click with its place in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalClick {
    pub offset: JournalOffset,
    pub click: Click,
}

impl JournalClick {
    pub fn id(&self) -> ClickId {
        ClickId::of_journal(self.click.at, self.offset)
    }
}

/// A run of records as the journal gave it, to be folded into the clicks file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalBatch {
    pub clicks: Vec<JournalClick>,
    /// Where the next batch begins.
    pub next: JournalOffset,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_time_and_place_alone() {
        let id = |at, offset| ClickId::of_journal(Timestamp(at), JournalOffset(offset));
        assert_eq!(id(1, 42), id(1, 42));
        assert_ne!(id(1, 42), id(1, 43));
        assert_ne!(id(1, 42), id(2, 42));
        assert!(id(1, u64::from(u32::MAX)) < id(2, 0));
        assert_eq!(id(1, 42).0.get_version_num(), 7);
        // Neither the version nor the variant swallows a bit of the place.
        let ids: std::collections::HashSet<_> = (0..56).map(|bit| id(1, 1 << bit)).collect();
        assert_eq!(ids.len(), 56);
    }
}
