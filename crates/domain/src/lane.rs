//! Lanes: the unit of concurrency, pause and probing in delivery, and the fair choice among them.

use std::{collections::BTreeMap, fmt};

use url::Url;

use crate::{
    id::{EndpointId, WorkspaceId},
    time::Timestamp,
};

/// Names a lane within its workspace: an endpoint, or the origin of an ad-hoc `webhook_url`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LaneKey(String);

impl LaneKey {
    /// The lane of an ad-hoc receiver: scheme, host and port.
    pub fn of_receiver(url: &Url) -> Self {
        let port = url.port_or_known_default().unwrap_or(0);
        Self(format!("{}://{}:{port}", url.scheme(), url.host_str().unwrap_or_default()))
    }

    pub fn of_endpoint(id: EndpointId) -> Self {
        Self(id.to_string())
    }

    /// A lane key as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LaneKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an attempt does to its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneEffect {
    /// The receiver answered: a paused lane resumes.
    Open,
    /// The receiver asked for rest: nothing until then, and then one probe.
    Pause { until: Timestamp },
    /// The receiver is gone for good: its endpoint is disabled.
    Disable,
    /// Nothing was learnt about the lane as a whole; a probing lane probes again at the delivery's next time.
    Keep,
}

/// A lane that has something due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadyLane<L> {
    pub lane: L,
    pub workspace_id: WorkspaceId,
    /// When it was last picked, as a counter: lower waits longer.
    pub turn: i64,
    /// How many more it may have under way.
    pub room: u32,
}

/// Chooses up to `limit` deliveries: round robin over workspaces, then over a workspace's lanes, longest-waiting first.
///
/// Returns lanes in picking order with how many each may claim.
pub fn pick_fairly<L>(mut ready: Vec<ReadyLane<L>>, limit: u32) -> Vec<(L, u32)> {
    ready.sort_by_key(|lane| lane.turn);
    let mut workspaces: Vec<Vec<(ReadyLane<L>, u32)>> = group_by_workspace(ready);
    let mut left = limit;
    let mut progressed = true;
    while left > 0 && progressed {
        progressed = false;
        for lanes in &mut workspaces {
            // The lane with the fewest so far; the first of equals has waited longest.
            let next =
                lanes.iter_mut().filter(|(lane, taken)| *taken < lane.room).min_by_key(|(_, taken)| *taken);
            if let Some((_, taken)) = next.filter(|_| left > 0) {
                *taken += 1;
                left -= 1;
                progressed = true;
            }
        }
    }
    let picked = workspaces.into_iter().flatten().filter(|(_, taken)| *taken > 0);
    picked.map(|(lane, taken)| (lane.lane, taken)).collect()
}

/// Lanes by workspace; workspaces in the order of their longest-waiting lane.
fn group_by_workspace<L>(ready: Vec<ReadyLane<L>>) -> Vec<Vec<(ReadyLane<L>, u32)>> {
    let mut index_of: BTreeMap<WorkspaceId, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<(ReadyLane<L>, u32)>> = Vec::new();
    for lane in ready {
        let index = *index_of.entry(lane.workspace_id).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[index].push((lane, 0));
    }
    groups
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn lane(name: &'static str, workspace: u128, turn: i64, room: u32) -> ReadyLane<&'static str> {
        ReadyLane { lane: name, workspace_id: WorkspaceId(Uuid::from_u128(workspace)), turn, room }
    }

    #[test]
    fn a_busy_workspace_takes_no_more_than_its_share() {
        let ready = vec![lane("a1", 1, 0, 100), lane("a2", 1, 1, 100), lane("b1", 2, 2, 100)];
        assert_eq!(pick_fairly(ready, 8), [("a1", 2), ("a2", 2), ("b1", 4)]);
    }

    #[test]
    fn room_left_by_one_goes_to_the_others() {
        let ready = vec![lane("a1", 1, 0, 1), lane("b1", 2, 1, 10)];
        assert_eq!(pick_fairly(ready, 6), [("a1", 1), ("b1", 5)]);
    }

    #[test]
    fn lanes_are_origins() {
        let key = |url: &str| LaneKey::of_receiver(&Url::parse(url).unwrap()).to_string();
        assert_eq!(key("https://Hooks.example/a?b"), "https://hooks.example:443");
        assert_eq!(key("http://[::1]:8080/"), "http://[::1]:8080");
    }

    proptest! {
        #[test]
        fn never_over_limit_or_room(rooms in prop::collection::vec((0_u128..4, 0_u32..6), 0..20), limit in 0_u32..40) {
            let ready: Vec<_> = rooms.iter().enumerate()
                .map(|(i, (w, room))| ReadyLane { lane: i, workspace_id: WorkspaceId(Uuid::from_u128(*w)), turn: 0, room: *room })
                .collect();
            let picked = pick_fairly(ready, limit);
            let total: u32 = picked.iter().map(|(_, n)| n).sum();
            let room: u32 = rooms.iter().map(|(_, room)| room).sum();
            prop_assert_eq!(total, limit.min(room));
            for (index, n) in picked {
                prop_assert!(n <= rooms[index].1);
            }
        }
    }
}
