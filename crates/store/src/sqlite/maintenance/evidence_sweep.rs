//! Retention in the evidence file: what is too old, and what no job ever came to refer to.

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
};

/// Evidence is written shortly before the job's end that refers to it; after this nothing will.
const ORPHAN_MS: i64 = HOUR_MS;

pub(in crate::sqlite) const EVIDENCE_OLD_REMOVE: &str = "-- evidence_old_remove
delete from evidence where seq in (select seq from evidence where stored_at < ?1 order by stored_at limit ?2)
returning digest";

/// The evidence file's own sense of time: the newest document is never later than now.
pub(in crate::sqlite) const EVIDENCE_UNCLAIMED: &str = "-- evidence_unclaimed
select digest from evidence
where unclaimed = 1 and stored_at < (select max(stored_at) from evidence) - ?1
order by stored_at limit ?2";

const EVIDENCE_REFERRED: &str = "-- evidence_referred
select exists (select 1 from jobs where evidence = ?1)";

const EVIDENCE_CLAIMED: &str = "-- evidence_claimed
update evidence set unclaimed = 0 where digest = ?1";

const EVIDENCE_DISOWN: &str = "-- evidence_disown
update evidence set unclaimed = 1 where digest = ?1";

/// Only while it still is unclaimed: it may have been kept again in the meantime.
const EVIDENCE_ORPHAN_REMOVE: &str = "-- evidence_orphan_remove
delete from evidence
where digest = ?1 and unclaimed = 1 and stored_at < (select max(stored_at) from evidence) - ?2";

pub(in crate::sqlite) const EVIDENCE_OWNERS: &str = "-- evidence_owners
select seq, workspace_id, evidence_bytes from jobs where evidence = ?1 and evidence_bytes <> 0";

const EVIDENCE_WEIGHS_NOTHING: &str = "-- evidence_weighs_nothing
update jobs set evidence_bytes = 0 where seq = ?1";

impl SqliteStore {
    /// Removes at most `limit` old documents and `limit` orphans; `disowned` belonged to jobs that are gone.
    pub(super) async fn sweep_evidence(
        &self,
        before: Timestamp,
        disowned: Vec<EvidenceDigest>,
        limit: u32,
    ) -> Result<u32, StoreError> {
        let sweep = move |turn: &mut crate::sqlite::writer::Turn<'_>| {
            remove_old(turn.connection, &disowned, before, limit)
        };
        let (old, candidates) = self.evidence.run("sweep old evidence", sweep).await?;
        let removed = u32::try_from(old.len()).unwrap_or(u32::MAX);
        self.core.run("note swept evidence", move |turn| note_removed(turn.connection, &old)).await?;
        let find = move |connection: &Connection| sort(connection, candidates);
        let (claimed, orphans) = self.core_readers.run("find evidence nobody refers to", find).await?;
        let settle =
            move |turn: &mut crate::sqlite::writer::Turn<'_>| settle(turn.connection, &claimed, &orphans);
        Ok(removed + self.evidence.run("sweep orphaned evidence", settle).await?)
    }
}

/// Answers what was removed, and what may be orphaned.
fn remove_old(
    connection: &Connection,
    disowned: &[EvidenceDigest],
    before: Timestamp,
    limit: u32,
) -> SqlResult<(Vec<EvidenceDigest>, Vec<EvidenceDigest>)> {
    for digest in disowned {
        rows::write(connection, EVIDENCE_DISOWN, params![digest])?;
    }
    let old = rows::many(connection, EVIDENCE_OLD_REMOVE, params![before.0, limit], rows::value)?;
    let candidates = rows::many(connection, EVIDENCE_UNCLAIMED, params![ORPHAN_MS, limit], rows::value)?;
    Ok((old, candidates))
}

/// What is gone no longer counts as stored by the workspaces whose jobs refer to it.
fn note_removed(connection: &Connection, removed: &[EvidenceDigest]) -> SqlResult<()> {
    for digest in removed {
        let owners = rows::many(connection, EVIDENCE_OWNERS, params![digest], |columns| {
            Ok((columns.take::<i64>()?, WorkspaceId(columns.take()?), columns.take::<i64>()?))
        })?;
        for (seq, workspace_id, evidence_bytes) in owners {
            rows::write(connection, EVIDENCE_WEIGHS_NOTHING, [seq])?;
            let moved = Moved { evidence_bytes: -evidence_bytes, ..Moved::default() };
            ledger::post(connection, workspace_id, &[], moved)?;
        }
    }
    Ok(())
}

/// Parts candidates into those a job refers to and orphans.
fn sort(
    connection: &Connection,
    candidates: Vec<EvidenceDigest>,
) -> SqlResult<(Vec<EvidenceDigest>, Vec<EvidenceDigest>)> {
    let (mut claimed, mut orphans) = (Vec::new(), Vec::new());
    for digest in candidates {
        let referred: Option<bool> = rows::one(connection, EVIDENCE_REFERRED, params![digest], rows::value)?;
        if referred == Some(true) { claimed.push(digest) } else { orphans.push(digest) }
    }
    Ok((claimed, orphans))
}

/// A claimed document is not looked at again.
fn settle(connection: &Connection, claimed: &[EvidenceDigest], orphans: &[EvidenceDigest]) -> SqlResult<u32> {
    for digest in claimed {
        rows::write(connection, EVIDENCE_CLAIMED, params![digest])?;
    }
    let mut removed = 0;
    for digest in orphans {
        let gone = rows::write(connection, EVIDENCE_ORPHAN_REMOVE, params![digest, ORPHAN_MS])?;
        removed += u32::try_from(gone).unwrap_or(0);
    }
    Ok(removed)
}
