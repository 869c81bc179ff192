//! The port's `MaintenanceStore` on SQLite.

use async_trait::async_trait;
use hopline_domain::{
    store::{MaintenanceStore, QueueDepths, Retention, StoreError, Swept},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use self::{
    evidence_sweep::{CHAINS, EvidenceSweep, SCREENSHOTS},
    sweep::CoreSwept,
};
use super::{fault::SqlResult, rows, store::SqliteStore};

pub(super) mod evidence_sweep;
pub(super) mod sweep;

const STORE_PROBE: &str = "-- store_probe
insert into counters (name, value) values ('probe', ?1)
on conflict (name) do update set value = excluded.value returning value";

/// Unfinished ones are counted as they come and go; only those under a lease, which are few, are counted here.
const QUEUE_DEPTHS: &str = "-- queue_depths
select
    (select ifnull(sum(jobs_unfinished), 0) from meters),
    (select count(*) from jobs where status = 'running'),
    (select ifnull(sum(deliveries_unfinished), 0) from meters),
    (select count(*) from deliveries where state = 'delivering')";

#[async_trait]
impl MaintenanceStore for SqliteStore {
    async fn store_probe(&self, now: Timestamp) -> Result<(), StoreError> {
        self.core.run("write to the store", move |turn| probe(turn.connection, now)).await
    }

    async fn store_schema(&self) -> Result<i64, StoreError> {
        Ok(self.schema)
    }

    async fn retention_sweep(&self, retention: Retention, limit: u32) -> Result<Swept, StoreError> {
        let core = self
            .core
            .run("sweep the store", move |turn| sweep::sweep(turn.connection, retention, limit))
            .await?;
        let CoreSwept { swept, chains, screenshots } = core;
        let (chains_before, screenshots_before) = (retention.evidence_before, retention.screenshots_before);
        let chains = EvidenceSweep { kind: CHAINS, before: chains_before, disowned: chains, limit };
        let pictures =
            EvidenceSweep { kind: SCREENSHOTS, before: screenshots_before, disowned: screenshots, limit };
        // Pictures first: what orphans them is told by the age of the newest chain.
        let screenshots = self.sweep_evidence(pictures).await?;
        Ok(Swept { screenshots, evidence: self.sweep_evidence(chains).await?, ..swept })
    }

    async fn queue_depths(&self) -> Result<QueueDepths, StoreError> {
        self.core_readers.run("measure the queues", depths).await
    }
}

fn probe(connection: &Connection, now: Timestamp) -> SqlResult<()> {
    rows::one(connection, STORE_PROBE, params![now.0], rows::value::<i64>).map(|_| ())
}

fn depths(connection: &Connection) -> SqlResult<QueueDepths> {
    let counts = rows::one(connection, QUEUE_DEPTHS, [], |columns| {
        let mut next = || columns.take::<i64>();
        Ok([next()?, next()?, next()?, next()?])
    })?;
    let [jobs, running, deliveries, under_way] = counts.unwrap_or_default();
    let depth = |count: i64| u64::try_from(count).unwrap_or(0);
    Ok(QueueDepths {
        jobs_queued: depth(jobs - running),
        jobs_running: depth(running),
        deliveries_pending: depth(deliveries - under_way),
        deliveries_under_way: depth(under_way),
    })
}
