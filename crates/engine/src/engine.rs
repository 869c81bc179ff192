//! The engine's face: builds the workers, starts them as supervised tasks, or steps them by hand for tests.

use std::sync::Arc;

use hopline_domain::store::StoreError;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    claimer::Claimer,
    deliver::Deliver,
    depths::Depths,
    endpoint_tidy::EndpointTidy,
    fold::Fold,
    health::Health,
    lease_sweep::LeaseSweep,
    link_expiry::LinkExpiry,
    meters,
    month::Month,
    parts::EngineParts,
    periodic::{Chore, Periodic},
    relay::Relay,
    replay::Replays,
    resolve::{Heartbeat, Resolve},
    retain::Retain,
    supervise::{Supervisor, Worker},
};

/// All workers of one process.
pub struct Engine {
    parts: Arc<EngineParts>,
    resolve: Arc<Claimer<Resolve>>,
    deliver: Arc<Claimer<Deliver>>,
    heartbeat: Arc<Heartbeat>,
}

/// A started engine.
#[derive(Clone, Debug)]
pub struct EngineHandle {
    health: Health,
}

/// What [`Engine::run_until_idle`] found to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Jobs and deliveries taken back from lost leases.
    pub leases_swept: u64,
    pub months_turned: u64,
    /// Deliveries cancelled because their endpoint is gone, and such endpoints removed.
    pub endpoints_tidied: u64,
    /// Links whose end was told of.
    pub links_expired: u64,
    /// Events that replays looked at.
    pub replayed: u64,
    /// Jobs claimed and worked on.
    pub jobs: u64,
    /// Deliveries claimed and attempted.
    pub deliveries: u64,
    pub rows_removed: u64,
    /// Clicks that endpoints were told of, or that none wanted.
    pub clicks_told: u64,
    /// Clicks folded from the journal.
    pub clicks: u64,
}

impl EngineHandle {
    /// How the workers are, for `/readyz`.
    pub fn health(&self) -> Health {
        self.health.clone()
    }
}

impl Engine {
    pub fn new(parts: EngineParts) -> Self {
        meters::describe();
        let parts = Arc::new(parts);
        // Jobs and attempts are tasks of their own. The workers wait for them, so whoever waits for the workers does too.
        let crew = TaskTracker::new();
        let resolve = Arc::new(Resolve::new(Arc::clone(&parts), crew.clone()));
        let heartbeat = Arc::new(Heartbeat { parts: Arc::clone(&parts), held: resolve.held() });
        let deliver = Arc::new(Deliver::new(Arc::clone(&parts), crew));
        Self { parts, resolve: Arc::new(Claimer(resolve)), deliver: Arc::new(Claimer(deliver)), heartbeat }
    }

    /// Starts every worker on `tracker`. After `stop` no work is begun, what waits is handed back, and what is under way
    /// gets `settings.drain_ms`; the tracker is empty when all of that is over. To be called once.
    pub fn start(&self, tracker: &TaskTracker, stop: CancellationToken) -> EngineHandle {
        let workers = self.workers();
        let named: Vec<_> = workers.iter().map(|worker| (worker.name(), worker.silence_ms_max())).collect();
        let health = Health::new(Arc::clone(&self.parts.clock), &named);
        let stops = std::iter::repeat_n(stop, workers.len());
        for ((worker, beat), stop) in workers.into_iter().zip(health.beats()).zip(stops) {
            let clock = Arc::clone(&self.parts.clock);
            let supervisor = Supervisor { worker, beat, clock, tracker: tracker.clone() };
            tracker.spawn(supervisor.watch(stop));
        }
        EngineHandle { health }
    }

    /// Does everything that is due at the clock's time, in order and to its end. For tests, instead of `start`.
    pub async fn run_until_idle(&self) -> Result<Tally, StoreError> {
        let mut tally = Tally {
            months_turned: self.month().round().await?,
            leases_swept: self.lease_sweep().round().await?,
            endpoints_tidied: self.endpoint_tidy().round().await?,
            links_expired: self.link_expiry().round().await?,
            ..Tally::default()
        };
        loop {
            let (clicks, _) = self.fold().round().await?;
            tally.clicks += clicks;
            let relayed = self.relay().round().await?;
            let replayed = self.replays().round().await?;
            let (jobs, deliveries) = (self.resolve.step().await?, self.deliver.step().await?);
            tally.replayed += replayed;
            tally.jobs += jobs;
            tally.deliveries += deliveries;
            tally.clicks_told += relayed;
            if clicks + relayed + replayed + jobs + deliveries == 0 {
                break;
            }
        }
        tally.rows_removed = self.retain().round().await?;
        Ok(tally)
    }

    /// A concurrency of 0 leaves its worker out: other processes on the store do that work.
    fn workers(&self) -> Vec<Arc<dyn Worker>> {
        let mut workers: Vec<Arc<dyn Worker>> = vec![
            Arc::new(Periodic(Arc::clone(&self.heartbeat))),
            Arc::new(Periodic(Arc::new(self.lease_sweep()))),
            Arc::new(Periodic(Arc::new(self.month()))),
            Arc::new(Periodic(Arc::new(self.retain()))),
            Arc::new(Periodic(Arc::new(self.endpoint_tidy()))),
            Arc::new(Periodic(Arc::new(self.link_expiry()))),
            Arc::new(Periodic(Arc::new(self.replays()))),
            Arc::new(self.fold()),
            Arc::new(self.relay()),
            Arc::new(Periodic(Arc::new(Depths { parts: Arc::clone(&self.parts) }))),
        ];
        if self.parts.settings.resolve_concurrency > 0 {
            workers.push(Arc::<Claimer<Resolve>>::clone(&self.resolve));
        }
        if self.parts.settings.deliver_concurrency > 0 {
            workers.push(Arc::<Claimer<Deliver>>::clone(&self.deliver));
        }
        workers
    }

    fn lease_sweep(&self) -> LeaseSweep {
        LeaseSweep { parts: Arc::clone(&self.parts) }
    }

    fn month(&self) -> Month {
        Month { parts: Arc::clone(&self.parts) }
    }

    fn endpoint_tidy(&self) -> EndpointTidy {
        EndpointTidy { parts: Arc::clone(&self.parts) }
    }

    fn link_expiry(&self) -> LinkExpiry {
        LinkExpiry { parts: Arc::clone(&self.parts) }
    }

    fn replays(&self) -> Replays {
        Replays { parts: Arc::clone(&self.parts) }
    }

    fn relay(&self) -> Relay {
        Relay { parts: Arc::clone(&self.parts) }
    }

    fn fold(&self) -> Fold {
        Fold { parts: Arc::clone(&self.parts) }
    }

    fn retain(&self) -> Retain {
        Retain { parts: Arc::clone(&self.parts) }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("parts", &self.parts).finish_non_exhaustive()
    }
}
