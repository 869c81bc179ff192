//! Single flight: jobs with the same cache key that are under way at once share one execution.
//! Bounded by the slots for jobs: an execution lives only as long as a job waits for it.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use hopline_peel::Peeled;

type CacheKey = [u8; 32];

/// One execution; every clone answers the same chain and picture.
pub(crate) type Execution = Shared<BoxFuture<'static, Arc<Peeled>>>;

/// The executions under way.
#[derive(Debug, Default)]
pub(crate) struct Executions {
    under_way: Mutex<HashMap<CacheKey, WeakShared<BoxFuture<'static, Arc<Peeled>>>>>,
}

/// How a job comes to its chain.
pub(crate) enum Joined {
    Begun(Execution),
    Shared(Execution),
}

/// Forgets an execution when it ends, or when nobody waits for it any more.
struct Forget {
    key: CacheKey,
    executions: Arc<Executions>,
}

impl Executions {
    /// Joins the execution of `key`, or begins one.
    pub(crate) fn join(
        self: &Arc<Self>,
        key: CacheKey,
        peel: impl Future<Output = Peeled> + Send + 'static,
    ) -> Joined {
        let mut under_way = self.lock();
        if let Some(execution) = under_way.get(&key).and_then(WeakShared::upgrade) {
            return Joined::Shared(execution);
        }
        let forget = Forget { key, executions: Arc::clone(self) };
        let execution = async move {
            let _forget = forget;
            Arc::new(peel.await)
        };
        let execution = execution.boxed().shared();
        if let Some(weak) = execution.downgrade() {
            under_way.insert(key, weak);
        }
        Joined::Begun(execution)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CacheKey, WeakShared<BoxFuture<'static, Arc<Peeled>>>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Forget {
    fn drop(&mut self) {
        self.executions.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn equal_keys_share_and_abandoned_ones_are_forgotten() {
        let executions = Arc::new(Executions::default());
        let Joined::Begun(first) = executions.join([1; 32], pending()) else { panic!("nothing to share") };
        let Joined::Shared(second) = executions.join([1; 32], pending()) else { panic!("must be shared") };
        assert!(matches!(executions.join([2; 32], pending()), Joined::Begun(_)));
        drop(first);
        assert_eq!(executions.lock().len(), 1, "the second job still waits");
        drop(second);
        assert!(executions.lock().is_empty());
        assert!(matches!(executions.join([1; 32], pending()), Joined::Begun(_)));
    }
}
