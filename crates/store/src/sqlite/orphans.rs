//! Leases of a process that is gone. Whoever opens the files holds the data folder alone, so every lease in them is dead.

use rusqlite::Connection;

use super::{fault::SqlResult, rows};

const JOBS_ORPHANED: &str = "-- jobs_orphaned
update jobs set lease_until = 0 where status = 'running'";

const DELIVERIES_ORPHANED: &str = "-- deliveries_orphaned
update deliveries set lease_until = 0 where state = 'delivering'";

/// Lets them run out now: the sweep takes their work back at once, and counts the loss as any other.
pub(super) fn end_leases(connection: &Connection) -> SqlResult<()> {
    for statement in [JOBS_ORPHANED, DELIVERIES_ORPHANED] {
        rows::write(connection, statement, [])?;
    }
    Ok(())
}
