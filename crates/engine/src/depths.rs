//! Shows how much waits, as gauges.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use hopline_domain::store::StoreError;

use crate::{meters, parts::EngineParts, periodic::Chore};

const DEPTHS_PERIOD_MS: u64 = 5_000;

pub(crate) struct Depths {
    pub(crate) parts: Arc<EngineParts>,
}

impl Chore for Depths {
    fn name(&self) -> &'static str {
        "depths"
    }

    fn period_ms(&self) -> u64 {
        DEPTHS_PERIOD_MS
    }

    fn round(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async {
            meters::depths(self.parts.store.queue_depths().await?);
            Ok(1)
        })
    }
}
