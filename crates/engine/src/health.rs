//! Signs of life: which workers run, when each was last seen, and why one is not running. Read by `/readyz`.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use hopline_domain::time::{Clock, Timestamp};

/// How a worker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerState {
    Alive,
    /// It has not shown itself for longer than it ever should: it hangs, or the store does.
    Silent,
    /// It panicked or ended; it is started again after a pause.
    Dead {
        reason: String,
    },
}

/// One worker as `/readyz` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerHealth {
    pub name: &'static str,
    /// When it last came round; the engine's start if it never did.
    pub last_beat: Timestamp,
    pub state: WorkerState,
}

/// The health of all workers. Cheap to clone; every clone shows the same.
#[derive(Clone)]
pub struct Health {
    clock: Arc<dyn Clock>,
    pulses: Arc<[Arc<Pulse>]>,
}

/// What is known of one worker.
#[derive(Debug)]
struct Pulse {
    name: &'static str,
    silence_ms_max: i64,
    last_beat: AtomicI64,
    death: Mutex<Option<String>>,
}

/// A worker's end of its pulse.
#[derive(Clone)]
pub(crate) struct Beat {
    clock: Arc<dyn Clock>,
    pulse: Arc<Pulse>,
}

impl Health {
    /// Takes each worker's name and the longest silence it may keep, in milliseconds.
    pub(crate) fn new(clock: Arc<dyn Clock>, workers: &[(&'static str, i64)]) -> Self {
        let now = clock.now();
        let pulse = |&(name, silence_ms_max): &(&'static str, i64)| {
            let last_beat = AtomicI64::new(now.0);
            Arc::new(Pulse { name, silence_ms_max, last_beat, death: Mutex::default() })
        };
        Self { pulses: workers.iter().map(pulse).collect(), clock }
    }

    /// Every worker as it is now.
    pub fn workers(&self) -> Vec<WorkerHealth> {
        let now = self.clock.now();
        self.pulses.iter().map(|pulse| pulse.show(now)).collect()
    }

    /// One [`Beat`] per worker, in the order they were given.
    pub(crate) fn beats(&self) -> impl Iterator<Item = Beat> {
        self.pulses.iter().map(|pulse| Beat { clock: Arc::clone(&self.clock), pulse: Arc::clone(pulse) })
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.workers()).finish()
    }
}

impl Pulse {
    fn show(&self, now: Timestamp) -> WorkerHealth {
        let last_beat = Timestamp(self.last_beat.load(Ordering::Relaxed));
        let state = match &*self.death() {
            Some(reason) => WorkerState::Dead { reason: reason.clone() },
            None if now.since_ms(last_beat) > self.silence_ms_max => WorkerState::Silent,
            None => WorkerState::Alive,
        };
        WorkerHealth { name: self.name, last_beat, state }
    }

    fn death(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.death.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Beat {
    /// Says that the worker came round.
    pub(crate) fn beat(&self) {
        self.pulse.last_beat.store(self.clock.now().0, Ordering::Relaxed);
        *self.pulse.death() = None;
    }

    /// Says that the worker is not running; true until it beats again.
    pub(crate) fn died(&self, reason: String) {
        *self.pulse.death() = Some(reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct Hands(AtomicI64);

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::Relaxed))
        }
    }

    #[test]
    fn a_worker_is_silent_when_late_and_dead_until_it_beats_again() {
        let clock = Arc::new(Hands::default());
        let health = Health::new(Arc::<Hands>::clone(&clock), &[("resolve", 1_000)]);
        let beat = health.beats().next().unwrap();
        let state = || health.workers().remove(0).state;
        assert_eq!(state(), WorkerState::Alive);
        clock.0.store(1_001, Ordering::Relaxed);
        assert_eq!(state(), WorkerState::Silent);
        beat.beat();
        assert_eq!(state(), WorkerState::Alive);
        beat.died("it panicked".to_owned());
        assert_eq!(state(), WorkerState::Dead { reason: "it panicked".to_owned() });
        beat.beat();
        assert_eq!(state(), WorkerState::Alive);
    }
}
