//! Retention in the evidence file: what is too old, and what no job ever came to refer to. Chains and pictures are swept
//! alike, each by its own age.

use hopline_domain::{
    id::WorkspaceId,
    store::{EvidenceDigest, StoreError},
    time::{HOUR_MS, Timestamp},
};
use rusqlite::{Connection, params};

use crate::sqlite::{
    fault::SqlResult,
    ledger::{self, Moved},
    rows,
    store::SqliteStore,
    writer::Turn,
};

/// Evidence is written shortly before the job's end that refers to it; after this nothing will.
const ORPHAN_MS: i64 = HOUR_MS;

/// The statements that sweep one kind of evidence. The newest chain is the file's own sense of time: it is never later
/// than now.
pub(in crate::sqlite) struct Kind {
    /// In the evidence file.
    pub(in crate::sqlite) old_remove: &'static str,
    pub(in crate::sqlite) unclaimed: &'static str,
    claimed: &'static str,
    disown: &'static str,
    /// Only while it still is unclaimed: it may have been kept again in the meantime.
    orphan_remove: &'static str,
    /// In the core file.
    referred: &'static str,
    pub(in crate::sqlite) owners: &'static str,
    weighs_nothing: &'static str,
}

macro_rules! kind {
    ($table:literal, $column:literal) => {
        Kind {
            old_remove: concat!(
                "-- ", $table, "_old_remove\n",
                "delete from ", $table, " where seq in (\n",
                "    select seq from ", $table, " where stored_at < ?1 order by stored_at limit ?2\n",
                ") returning digest"
            ),
            unclaimed: concat!(
                "-- ", $table, "_unclaimed\n",
                "select digest from ", $table, "\n",
                "where unclaimed = 1 and stored_at < (select max(stored_at) from evidence) - ?1\n",
                "order by stored_at limit ?2"
            ),
            claimed: concat!("-- ", $table, "_claimed\nupdate ", $table, " set unclaimed = 0 where digest = ?1"),
            disown: concat!("-- ", $table, "_disown\nupdate ", $table, " set unclaimed = 1 where digest = ?1"),
            orphan_remove: concat!(
                "-- ", $table, "_orphan_remove\n",
                "delete from ", $table, "\n",
                "where digest = ?1 and unclaimed = 1 and stored_at < (select max(stored_at) from evidence) - ?2"
            ),
            referred: concat!(
                "-- ", $table, "_referred\nselect exists (select 1 from jobs where ", $column, " = ?1)"
            ),
            owners: concat!(
                "-- ", $table, "_owners\n",
                "select seq, workspace_id, ", $column, "_bytes from jobs\n",
                "where ", $column, " = ?1 and ", $column, "_bytes <> 0"
            ),
            weighs_nothing: concat!(
                "-- ", $table, "_weighs_nothing\nupdate jobs set ", $column, "_bytes = 0 where seq = ?1"
            ),
        }
    };
}

pub(in crate::sqlite) const CHAINS: &Kind = &kind!("evidence", "evidence");
pub(in crate::sqlite) const SCREENSHOTS: &Kind = &kind!("screenshots", "screenshot");

/// One sweep of one kind.
pub(super) struct EvidenceSweep {
    pub(super) kind: &'static Kind,
    pub(super) before: Timestamp,
    /// Belonged to jobs that are gone.
    pub(super) disowned: Vec<EvidenceDigest>,
    pub(super) limit: u32,
}

impl SqliteStore {
    /// Removes at most `limit` old ones and `limit` orphans.
    pub(super) async fn sweep_evidence(&self, sweep: EvidenceSweep) -> Result<u32, StoreError> {
        let kind = sweep.kind;
        let begin = move |turn: &mut Turn<'_>| remove_old(turn.connection, &sweep);
        let (old, candidates) = self.evidence.run("sweep old evidence", begin).await?;
        let removed = u32::try_from(old.len()).unwrap_or(u32::MAX);
        self.core.run("note swept evidence", move |turn| note_removed(turn.connection, kind, &old)).await?;
        let find = move |connection: &Connection| sort(connection, kind, candidates);
        let (claimed, orphans) = self.core_readers.run("find evidence nobody refers to", find).await?;
        let settle = move |turn: &mut Turn<'_>| settle(turn.connection, kind, &claimed, &orphans);
        Ok(removed + self.evidence.run("sweep orphaned evidence", settle).await?)
    }
}

/// Answers what was removed, and what may be orphaned.
fn remove_old(
    connection: &Connection,
    sweep: &EvidenceSweep,
) -> SqlResult<(Vec<EvidenceDigest>, Vec<EvidenceDigest>)> {
    let EvidenceSweep { kind, before, disowned, limit } = sweep;
    for digest in disowned {
        rows::write(connection, kind.disown, params![digest])?;
    }
    let old = rows::many(connection, kind.old_remove, params![before.0, limit], rows::value)?;
    let candidates = rows::many(connection, kind.unclaimed, params![ORPHAN_MS, limit], rows::value)?;
    Ok((old, candidates))
}

/// What is gone no longer counts as stored by the workspaces whose jobs refer to it.
fn note_removed(connection: &Connection, kind: &Kind, removed: &[EvidenceDigest]) -> SqlResult<()> {
    for digest in removed {
        let owners = rows::many(connection, kind.owners, params![digest], |columns| {
            Ok((columns.take::<i64>()?, WorkspaceId(columns.take()?), columns.take::<i64>()?))
        })?;
        for (seq, workspace_id, bytes) in owners {
            rows::write(connection, kind.weighs_nothing, [seq])?;
            let moved = Moved { evidence_bytes: -bytes, ..Moved::default() };
            ledger::post(connection, workspace_id, &[], moved)?;
        }
    }
    Ok(())
}

/// Parts candidates into those a job refers to and orphans.
fn sort(
    connection: &Connection,
    kind: &Kind,
    candidates: Vec<EvidenceDigest>,
) -> SqlResult<(Vec<EvidenceDigest>, Vec<EvidenceDigest>)> {
    let (mut claimed, mut orphans) = (Vec::new(), Vec::new());
    for digest in candidates {
        let referred: Option<bool> = rows::one(connection, kind.referred, params![digest], rows::value)?;
        if referred == Some(true) { claimed.push(digest) } else { orphans.push(digest) }
    }
    Ok((claimed, orphans))
}

/// What is claimed is not looked at again.
fn settle(
    connection: &Connection,
    kind: &Kind,
    claimed: &[EvidenceDigest],
    orphans: &[EvidenceDigest],
) -> SqlResult<u32> {
    for digest in claimed {
        rows::write(connection, kind.claimed, params![digest])?;
    }
    let mut removed = 0;
    for digest in orphans {
        let gone = rows::write(connection, kind.orphan_remove, params![digest, ORPHAN_MS])?;
        removed += u32::try_from(gone).unwrap_or(0);
    }
    Ok(removed)
}
