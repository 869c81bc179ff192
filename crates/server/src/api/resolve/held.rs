//! Holding an answer until its job ends (`Prefer: wait=N`), within a bound on how many are held at once.

use std::time::Duration;

use hopline_domain::{
    id::JobId,
    store::{Caller, JobView, StoreError},
};

use crate::app::AppState;

/// A wake-up is a hint, so the store is also looked at without one this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What became of the wish to wait.
pub(super) enum Held {
    /// The job as it was when it ended or the time was up.
    Until(Box<JobView>),
    /// Too many answers are held already, or the job is not to be seen: answer at once.
    NotHeld,
}

/// Waits at most `wait_s` seconds for the end of the job.
pub(super) async fn hold(app: &AppState, caller: Caller, id: JobId, wait_s: u64) -> Result<Held, StoreError> {
    let Ok(_place) = app.held_waits.try_acquire() else { return Ok(Held::NotHeld) };
    let ended = tokio::time::timeout(Duration::from_secs(wait_s), until_ended(app, caller, id)).await;
    let view = match ended {
        Ok(view) => view?,
        Err(_) => app.parts.store.job_get(caller, id).await?,
    };
    Ok(view.map_or(Held::NotHeld, |view| Held::Until(Box::new(view))))
}

/// Listens before it looks, so that an end in between is not missed.
async fn until_ended(app: &AppState, caller: Caller, id: JobId) -> Result<Option<JobView>, StoreError> {
    loop {
        let mut listener = app.parts.wake.listen_job_end(id);
        let view = app.parts.store.job_get(caller, id).await?;
        let goes_on = view.as_ref().is_some_and(|view| !view.job.status.is_final());
        if !goes_on || app.closing.is_cancelled() {
            return Ok(view);
        }
        tokio::select! {
            () = listener.ended() => {}
            () = app.closing.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
