//! Moves replays on: a piece of events at a time, each piece with its deliveries in one transaction.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use hopline_domain::store::{ReplayStep, StoreError};

use crate::{parts::EngineParts, periodic::Chore};

const REPLAY_PERIOD_MS: u64 = 200;
/// Events one transaction looks at.
const STEP_EVENTS: u32 = 500;
/// Steps of one round; what is left waits for the next.
const STEPS_MAX: u32 = 200;

pub(crate) struct Replays {
    pub(crate) parts: Arc<EngineParts>,
}

impl Chore for Replays {
    fn name(&self) -> &'static str {
        "replay"
    }

    fn period_ms(&self) -> u64 {
        REPLAY_PERIOD_MS
    }

    fn round(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async {
            let mut scanned_all = 0;
            for _ in 0..STEPS_MAX {
                match self.parts.store.replay_step(self.parts.now(), STEP_EVENTS).await? {
                    ReplayStep::Moved { scanned, .. } => scanned_all += u64::from(scanned),
                    ReplayStep::Waits { .. } | ReplayStep::Idle => break,
                }
            }
            Ok(scanned_all)
        })
    }
}
