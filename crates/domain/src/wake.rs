//! Wake-ups inside one process: the store says that there is something to do, workers and held requests listen.
//!
//! A wake-up is a hint. Whoever listens looks at the store afterwards, and also looks now and then without one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use event_listener::{Event, EventListener};

use crate::id::JobId;

/// What can be waited for.
#[derive(Debug, Default)]
pub struct WakeHub {
    jobs: Event,
    deliveries: Event,
    events: Event,
    clicks: Event,
    ended: Mutex<HashMap<JobId, Waiters>>,
}

#[derive(Debug)]
struct Waiters {
    event: Arc<Event>,
    count: usize,
}

impl WakeHub {
    pub fn jobs_queued(&self) {
        self.jobs.notify(usize::MAX);
    }

    pub fn deliveries_due(&self) {
        self.deliveries.notify(usize::MAX);
    }

    pub fn clicks_folded(&self) {
        self.clicks.notify(usize::MAX);
    }

    pub fn events_raised(&self) {
        self.events.notify(usize::MAX);
    }

    pub fn job_ended(&self, id: JobId) {
        if let Some(waiters) = self.waiters().get(&id) {
            waiters.event.notify(usize::MAX);
        }
    }

    /// Listen first, then look at the store: what comes in between is then not missed.
    pub fn listen_jobs(&self) -> EventListener {
        self.jobs.listen()
    }

    pub fn listen_deliveries(&self) -> EventListener {
        self.deliveries.listen()
    }

    pub fn listen_clicks_folded(&self) -> EventListener {
        self.clicks.listen()
    }

    pub fn listen_events(&self) -> EventListener {
        self.events.listen()
    }

    /// Waits for the end of one job. The caller bounds how many wait at once.
    pub fn listen_job_end(self: &Arc<Self>, id: JobId) -> JobEndListener {
        let mut ended = self.waiters();
        let waiters = ended.entry(id).or_insert_with(|| Waiters { event: Arc::new(Event::new()), count: 0 });
        waiters.count += 1;
        JobEndListener { hub: Arc::clone(self), id, listener: Some(waiters.event.listen()) }
    }

    fn waiters(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, Waiters>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue for a job's end; leaving it is dropping it.
#[derive(Debug)]
pub struct JobEndListener {
    hub: Arc<WakeHub>,
    id: JobId,
    listener: Option<EventListener>,
}

impl JobEndListener {
    /// Completes when the job has ended.
    pub async fn ended(&mut self) {
        if let Some(listener) = self.listener.take() {
            listener.await;
        }
    }
}

impl Drop for JobEndListener {
    fn drop(&mut self) {
        let mut ended = self.hub.waiters();
        if let Some(waiters) = ended.get_mut(&self.id) {
            waiters.count -= 1;
            if waiters.count == 0 {
                ended.remove(&self.id);
            }
        }
    }
}
