//! Cancels what still waits for endpoints that were deleted.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use hopline_domain::store::StoreError;

use crate::{parts::EngineParts, periodic::Chore};

const TIDY_PERIOD_MS: u64 = 5_000;
const BATCH_ROWS: u32 = 500;
/// Batches of one round; what is left waits for the next.
const BATCHES_MAX: u32 = 100;

pub(crate) struct EndpointTidy {
    pub(crate) parts: Arc<EngineParts>,
}

impl Chore for EndpointTidy {
    fn name(&self) -> &'static str {
        "endpoint_tidy"
    }

    fn period_ms(&self) -> u64 {
        TIDY_PERIOD_MS
    }

    fn round(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async {
            let mut tidied = 0;
            for _ in 0..BATCHES_MAX {
                let rows = self.parts.store.endpoint_tidy(self.parts.now(), BATCH_ROWS).await?;
                tidied += u64::from(rows);
                if rows < BATCH_ROWS {
                    break;
                }
            }
            Ok(tidied)
        })
    }
}
