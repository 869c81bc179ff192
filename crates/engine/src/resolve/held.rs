//! The job leases this process holds. Whoever works on a job holds its entry; a panic lets go of it like any end.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hopline_domain::{store::JobLease, time::Timestamp};
use tokio_util::sync::CancellationToken;

/// All of them. At most as many as there are slots for jobs.
#[derive(Debug, Default)]
pub(crate) struct HeldLeases {
    held: Mutex<HashMap<JobLease, Hold>>,
}

#[derive(Debug)]
struct Hold {
    until: Timestamp,
    lost: CancellationToken,
}

/// One lease, as long as it is worked under.
#[derive(Debug)]
pub(crate) struct HeldLease {
    pub(crate) lease: JobLease,
    lost: CancellationToken,
    all: Arc<HeldLeases>,
}

impl HeldLeases {
    pub(crate) fn hold(self: &Arc<Self>, lease: JobLease, until: Timestamp) -> HeldLease {
        let lost = CancellationToken::new();
        self.lock().insert(lease, Hold { until, lost: lost.clone() });
        HeldLease { lease, lost, all: Arc::clone(self) }
    }

    pub(crate) fn leases(&self) -> Vec<JobLease> {
        self.lock().keys().copied().collect()
    }

    /// Takes over what an extension said: `lost` ones end, the others of `asked` hold until `until`.
    pub(crate) fn extended(&self, asked: &[JobLease], lost: &[JobLease], until: Timestamp) {
        let mut held = self.lock();
        for lease in asked {
            if let Some(hold) = held.get_mut(lease) {
                hold.until = until;
            }
        }
        for lease in lost {
            if let Some(hold) = held.remove(lease) {
                hold.lost.cancel();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<JobLease, Hold>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeldLease {
    /// Completes when the store said that someone else may have the job by now.
    pub(crate) async fn lost(&self) {
        self.lost.cancelled().await;
    }

    /// Until when it holds, as far as this process knows.
    pub(crate) fn until(&self) -> Timestamp {
        self.all.lock().get(&self.lease).map_or(Timestamp(0), |hold| hold.until)
    }
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        self.all.lock().remove(&self.lease);
    }
}

#[cfg(test)]
mod tests {
    use hopline_domain::{
        entropy::OsEntropy,
        id::{JobId, LeaseToken},
    };

    use super::*;

    fn lease() -> JobLease {
        let now = Timestamp(1);
        JobLease { job_id: JobId::generate(now, &OsEntropy), token: LeaseToken::generate(now, &OsEntropy) }
    }

    #[tokio::test]
    async fn extensions_reach_the_holders_and_an_end_lets_go() {
        let all = Arc::new(HeldLeases::default());
        let (kept, lost) = (all.hold(lease(), Timestamp(10)), all.hold(lease(), Timestamp(10)));
        assert_eq!(all.leases().len(), 2);
        all.extended(&[kept.lease, lost.lease], &[lost.lease], Timestamp(30));
        lost.lost().await;
        assert_eq!((kept.until(), lost.until()), (Timestamp(30), Timestamp(0)));
        drop(kept);
        assert_eq!(all.leases(), []);
    }
}
