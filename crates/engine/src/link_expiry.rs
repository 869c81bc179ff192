//! Tells of links whose end has come. What a visit is answered does not wait for this.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use hopline_domain::store::StoreError;

use crate::{parts::EngineParts, periodic::Chore};

const EXPIRY_PERIOD_MS: u64 = 5_000;
const BATCH_LINKS: u32 = 100;
/// Batches of one round; what is left waits for the next.
const BATCHES_MAX: u32 = 100;

pub(crate) struct LinkExpiry {
    pub(crate) parts: Arc<EngineParts>,
}

impl Chore for LinkExpiry {
    fn name(&self) -> &'static str {
        "link_expiry"
    }

    fn period_ms(&self) -> u64 {
        EXPIRY_PERIOD_MS
    }

    fn round(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async {
            let mut told = 0;
            for _ in 0..BATCHES_MAX {
                let urls = Arc::clone(&self.parts.short_urls);
                let links = self.parts.store.link_expiry_sweep(urls, BATCH_LINKS, self.parts.now()).await?;
                told += u64::from(links);
                if links < BATCH_LINKS {
                    break;
                }
            }
            Ok(told)
        })
    }
}
