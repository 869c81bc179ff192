//! Buckets per key and workspace, in memory, on the injected clock.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use hopline_domain::{
    id::{KeyId, WorkspaceId},
    limits::KEY_READS_PER_MINUTE,
    plan::Plan,
    rate::{Bucket, RateDecision},
    store::AuthenticatedKey,
    time::Timestamp,
};
use http::Method;

use super::rate_report::{Policy, RateReport, Taken};

/// Buckets kept; idle ones are as good as new and go first.
const BUCKETS_MAX: usize = 20_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum BucketKey {
    Creates(KeyId),
    Reads(KeyId),
    Workspace(WorkspaceId),
}

#[derive(Debug, Default)]
pub(crate) struct RateLimits(Mutex<HashMap<BucketKey, Bucket>>);

/// What a call is limited as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Creates,
    Reads,
}

impl Call {
    fn of(method: &Method) -> Self {
        if method.is_safe() { Self::Reads } else { Self::Creates }
    }
}

impl RateLimits {
    /// Counts one call against the key and its workspace.
    ///
    /// A key without a limit on creating calls has none on reads either.
    pub(crate) fn take(
        &self,
        key: &AuthenticatedKey,
        plan: &Plan,
        method: &Method,
        now: Timestamp,
    ) -> RateReport {
        let id = key.key.id;
        let creates = key.key.limits.creates_per_minute;
        let reads = creates.map(|_| KEY_READS_PER_MINUTE);
        let workspace = plan.limits.requests_per_minute;
        let (bucket, policy, limit) = match Call::of(method) {
            Call::Creates => (BucketKey::Creates(id), Policy::Creates, creates),
            Call::Reads => (BucketKey::Reads(id), Policy::Reads, reads),
        };
        let asked = [
            (bucket, policy, limit),
            (BucketKey::Workspace(key.key.workspace_id), Policy::Workspace, workspace),
        ];
        let taken = asked
            .into_iter()
            .filter_map(|(bucket, policy, limit)| Some((bucket, policy, limit?)))
            .map(|(bucket, policy, limit)| Taken { policy, decision: self.take_from(bucket, limit, now) })
            .collect();
        RateReport { creates, reads, workspace, day: key.key.limits.daily_quota, taken }
    }

    fn take_from(&self, key: BucketKey, per_minute: u32, now: Timestamp) -> RateDecision {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX && !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| !bucket.is_idle(now));
            if buckets.len() >= BUCKETS_MAX {
                buckets.clear();
            }
        }
        buckets.entry(key).or_insert_with(|| Bucket::full(per_minute, now)).take(per_minute, now)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use hopline_domain::{
        id::FamilyId,
        key::{Key, KeyLimits, KeyState, Scopes},
        plan::PlanLimits,
    };

    use super::*;

    pub(in crate::auth) fn key(creates_per_minute: Option<u32>) -> AuthenticatedKey {
        let nil = uuid::Uuid::nil();
        AuthenticatedKey {
            key: Key {
                id: KeyId(nil),
                family_id: FamilyId(nil),
                workspace_id: WorkspaceId(nil),
                name: String::new(),
                display: String::new(),
                scopes: Scopes::default(),
                state: KeyState::Active,
                expires_at: None,
                allowed_ips: Vec::new(),
                limits: KeyLimits { creates_per_minute, daily_quota: None },
                signature_headers: Vec::new(),
                created_by: None,
                created_at: Timestamp(0),
                last_used_at: None,
                last_used_ip: None,
            },
            plan: "pro".to_owned(),
        }
    }

    #[test]
    fn reads_and_creating_calls_have_buckets_of_their_own() {
        let (limits, plan, now) = (RateLimits::default(), Plan::default(), Timestamp(0));
        let key = key(Some(2));
        let allowed = |method| limits.take(&key, &plan, &method, now).refused().is_none();
        assert_eq!([Method::POST, Method::PATCH, Method::POST].map(allowed), [true, true, false]);
        assert!(allowed(Method::GET));
    }

    #[test]
    fn a_plan_limits_all_keys_of_a_workspace_together() {
        let plan = Plan {
            limits: PlanLimits { requests_per_minute: Some(1), ..PlanLimits::default() },
            ..Plan::default()
        };
        let limits = RateLimits::default();
        let mut other = key(None);
        other.key.id = KeyId(uuid::Uuid::max());
        assert!(limits.take(&key(None), &plan, &Method::GET, Timestamp(0)).refused().is_none());
        assert!(limits.take(&other, &plan, &Method::POST, Timestamp(0)).refused().is_some());
    }
}
