//! Leases of a process that is gone. Whoever opens the files holds the data folder alone, so every lease in them is dead.

use rusqlite::Connection;

use super::{fault::SqlResult, rows};

const JOBS_ORPHANED: &str = "-- jobs_orphaned
update jobs set lease_until = 0 where status = 'running'";

const DELIVERIES_ORPHANED: &str = "-- deliveries_orphaned
update deliveries set lease_until = 0 where state = 'delivering'";

const BULKS_ORPHANED: &str = "-- bulks_orphaned
update link_bulks set running_until = 0 where running_until is not null";

/// Lets them run out now: the sweep takes their work back at once, and counts the loss as any other.
pub(super) fn end_leases(connection: &Connection) -> SqlResult<()> {
    for statement in [JOBS_ORPHANED, DELIVERIES_ORPHANED, BULKS_ORPHANED] {
        rows::write(connection, statement, [])?;
    }
    Ok(())
}
