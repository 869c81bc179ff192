//! The lanes that are served in this process: what waits in each and how many places of it are busy.
//! The store decides what may be claimed; this only keeps a run of claimed deliveries within its lane's concurrency.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hopline_domain::{id::WorkspaceId, lane::LaneKey, store::ClaimedDelivery};

use crate::slots::Slot;

/// Names a lane over all workspaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct LaneId {
    workspace_id: WorkspaceId,
    key: LaneKey,
}

/// Lanes with a busy place: at most as many as there are slots for claimed deliveries.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    lanes: Mutex<HashMap<Arc<LaneId>, Lane>>,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<HeldDelivery>,
    /// Tasks that serve this lane.
    places: u32,
    /// The last attempt seen here did not succeed.
    failing: bool,
    /// The receiver asked for rest and the store does not know yet: nothing is begun.
    resting: bool,
}

/// A claimed delivery with its slot, until it is recorded or given back.
#[derive(Debug)]
pub(crate) struct HeldDelivery {
    pub(crate) delivery: ClaimedDelivery,
    _slot: Slot,
}

/// The right to send in a lane, one request at a time; dropping it, in a panic too, gives it up.
#[derive(Debug)]
pub(crate) struct Place {
    lane: Arc<LaneId>,
    lanes: Arc<Lanes>,
    given_up: bool,
}

impl Lanes {
    /// Takes in a claimed delivery; answers a place if its lane has one that nobody fills.
    pub(crate) fn admit(self: &Arc<Self>, delivery: ClaimedDelivery, slot: Slot) -> Option<Place> {
        let id = LaneId { workspace_id: delivery.workspace_id, key: delivery.lane.clone() };
        let concurrency = delivery.lane_concurrency.max(1);
        let mut lanes = self.lock();
        let id = lanes.get_key_value(&id).map_or_else(|| Arc::new(id), |(known, _)| Arc::clone(known));
        let lane = lanes.entry(Arc::clone(&id)).or_default();
        lane.waiting.push_back(HeldDelivery { delivery, _slot: slot });
        if lane.places >= concurrency {
            return None;
        }
        lane.places += 1;
        Some(Place { lane: id, lanes: Arc::clone(self), given_up: false })
    }

    /// Takes everything that waits, in all lanes.
    pub(crate) fn take_all_waiting(&self) -> Vec<HeldDelivery> {
        self.lock().values_mut().flat_map(|lane| std::mem::take(&mut lane.waiting)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<LaneId>, Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// What this place serves next; `None` gives the place up, in the same step, so that nothing is left unserved.
    pub(crate) fn next(&mut self) -> Option<HeldDelivery> {
        let mut lanes = self.lanes.lock();
        let lane = lanes.get_mut(&self.lane)?;
        let next = if lane.resting { None } else { lane.waiting.pop_front() };
        if next.is_none() {
            self.given_up = true;
            leave(&mut lanes, &self.lane);
        }
        next
    }

    /// Takes what waits in this lane.
    pub(crate) fn take_waiting(&self) -> Vec<HeldDelivery> {
        let mut lanes = self.lanes.lock();
        lanes.get_mut(&self.lane).map(|lane| std::mem::take(&mut lane.waiting).into()).unwrap_or_default()
    }

    /// Lets nothing begin in this lane until its pause is recorded; [`Self::rested`] ends that.
    pub(crate) fn rest(&self) {
        if let Some(lane) = self.lanes.lock().get_mut(&self.lane) {
            lane.resting = true;
        }
    }

    /// Takes what waits in this lane, now that the store knows of its pause.
    pub(crate) fn rested(&self) -> Vec<HeldDelivery> {
        if let Some(lane) = self.lanes.lock().get_mut(&self.lane) {
            lane.resting = false;
        }
        self.take_waiting()
    }

    /// Whether the last attempt seen in this lane failed: the store then gives it nothing beyond its places.
    pub(crate) fn is_failing(&self) -> bool {
        self.lanes.lock().get(&self.lane).is_some_and(|lane| lane.failing)
    }

    pub(crate) fn note(&self, failing: bool) {
        if let Some(lane) = self.lanes.lock().get_mut(&self.lane) {
            lane.failing = failing;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.given_up {
            leave(&mut self.lanes.lock(), &self.lane);
        }
    }
}

/// One place less. A lane that lost its last place to a panic keeps what waits for the place its next claim opens.
fn leave(lanes: &mut HashMap<Arc<LaneId>, Lane>, id: &LaneId) {
    let Some(lane) = lanes.get_mut(id) else { return };
    lane.places = lane.places.saturating_sub(1);
    // Whoever let it rest is gone, in a panic too.
    lane.resting &= lane.places > 0;
    if lane.places == 0 && lane.waiting.is_empty() {
        lanes.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use hopline_domain::{
        delivery::MessageId,
        id::{DeliveryId, EventId, LeaseToken},
        store::DeliveryLease,
        time::Timestamp,
    };
    use uuid::Uuid;

    use super::*;
    use crate::slots::Slots;

    fn delivery(number: u128, lane: &str) -> ClaimedDelivery {
        let id = Uuid::from_u128(number);
        ClaimedDelivery {
            lease: DeliveryLease { delivery_id: DeliveryId(id), token: LeaseToken(id) },
            lease_until: Timestamp(0),
            workspace_id: WorkspaceId(Uuid::nil()),
            lane: LaneKey::from_stored(lane.to_owned()),
            lane_concurrency: 2,
            url: String::new(),
            message_id: MessageId::Event(EventId(id)),
            event_seq: Some(1),
            body: Vec::new(),
            rules: Arc::default(),
            attempt_number: 1,
            step: 0,
            secrets: Vec::new(),
            signature_headers: Vec::new(),
        }
    }

    #[test]
    fn a_run_is_served_in_order_by_no_more_places_than_the_lane_has() {
        let (lanes, slots) = (Arc::new(Lanes::default()), Slots::new(8));
        let mut taken = slots.take(8).unwrap();
        let mut admit = |number, lane| lanes.admit(delivery(number, lane), taken.give().unwrap());
        let mut first = admit(1, "a").unwrap();
        let mut second = admit(2, "a").unwrap();
        assert!(admit(3, "a").is_none(), "both places are filled");
        let other = admit(4, "b").unwrap();
        let number = |place: &mut Place| place.next().map(|held| held.delivery.lease.delivery_id.0.as_u128());
        assert_eq!(
            [number(&mut first), number(&mut second), number(&mut first)],
            [Some(1), Some(2), Some(3)]
        );
        assert_eq!(number(&mut second), None);
        assert!(
            admit(5, "a").is_some_and(|mut place| number(&mut place) == Some(5)),
            "the place is free again"
        );
        drop(other);
        assert_eq!(lanes.take_all_waiting().len(), 1, "what a lost place left behind is still there");
        drop(first);
        drop(second);
        assert!(!lanes.lock().keys().any(|id| id.key.as_str() == "a"));
    }

    #[test]
    fn nothing_begins_while_a_pause_is_being_recorded() {
        let (lanes, slots) = (Arc::new(Lanes::default()), Slots::new(8));
        let mut taken = slots.take(8).unwrap();
        let mut admit = |number| lanes.admit(delivery(number, "a"), taken.give().unwrap());
        let (mut refused, mut other) = (admit(1).unwrap(), admit(2).unwrap());
        assert!(refused.next().is_some());
        refused.rest();
        assert!(other.next().is_none(), "what waits is not begun");
        assert!(admit(3).unwrap().next().is_none(), "nor what is claimed meanwhile");
        assert_eq!(refused.rested().len(), 2);
        admit(4);
        assert!(refused.next().is_some());
        refused.rest();
        drop(refused);
        assert!(admit(5).unwrap().next().is_some(), "a place that is gone lets nobody rest");
    }
}
