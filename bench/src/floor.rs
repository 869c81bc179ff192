//! The floors: what the same durable writes cost with nothing around them.

use std::{path::Path, thread};

use anyhow::Context;
use rusqlite::{Connection, params};
use tokio::sync::{mpsc, oneshot};

const BATCH_MAX: usize = 512;

/// One row of work for the bare group-commit loop.
pub enum Write {
    /// What accepting a job writes: job, ledger line, balance, day's count.
    Accept { id: [u8; 16], url: String },
    /// What a delivery writes: one row.
    Delivered { id: i64 },
}

pub type Writer = mpsc::Sender<(Write, oneshot::Sender<()>)>;

/// Starts a thread that commits whatever waits as one transaction, `synchronous = FULL`.
pub fn start(folder: &Path) -> anyhow::Result<Writer> {
    let db = Connection::open(folder.join("floor.db"))?;
    db.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full;
         create table jobs (seq integer primary key, id blob not null unique, workspace blob, family blob, url text, options text,
            cache_key blob, body_hash blob, status text, provider text, tier text, reserved integer, created_at integer) strict;
         create index jobs_due on jobs (created_at) where status = 'queued';
         create table ledger (seq integer primary key, id blob not null unique, workspace blob, kind text, amount integer, job blob, at integer) strict;
         create table balance (workspace blob primary key, plan integer, pack integer) strict;
         create table quota (family blob, day integer, used integer, primary key (family, day)) strict;
         create table delivered (id integer primary key, status integer, at integer) strict;
         insert into balance values (x'00', 0, 1000000000);",
    )?;
    let (sender, receiver) = mpsc::channel(8192);
    thread::Builder::new()
        .name("floor".to_owned())
        .spawn(move || commit_loop(&db, receiver))
        .context("start the floor")?;
    Ok(sender)
}

fn commit_loop(db: &Connection, mut receiver: mpsc::Receiver<(Write, oneshot::Sender<()>)>) {
    while let Some(first) = receiver.blocking_recv() {
        let mut batch = vec![first];
        while let Some(next) = (batch.len() < BATCH_MAX).then(|| receiver.try_recv().ok()).flatten() {
            batch.push(next);
        }
        if commit(db, &batch).is_err() {
            return;
        }
        for (_, done) in batch {
            let _ = done.send(());
        }
    }
}

fn commit(db: &Connection, batch: &[(Write, oneshot::Sender<()>)]) -> rusqlite::Result<()> {
    db.execute_batch("begin immediate")?;
    for (write, _) in batch {
        match write {
            Write::Accept { id, url } => accept(db, id, url)?,
            Write::Delivered { id } => {
                db.prepare_cached("insert into delivered values (?1, 200, 1)")?.execute([*id])?;
            }
        }
    }
    db.execute_batch("commit")
}

fn accept(db: &Connection, id: &[u8; 16], url: &str) -> rusqlite::Result<()> {
    db.prepare_cached(
        "insert into jobs (id, workspace, family, url, options, cache_key, body_hash, status, provider, tier, reserved, created_at)
         values (?1, x'00', x'01', ?2, '{}', ?3, ?3, 'queued', 'generic', 'standard', 1, 1)",
    )?
    .execute(params![id, url, [7_u8; 32]])?;
    db.prepare_cached(
        "insert into ledger (id, workspace, kind, amount, job, at) values (?1, x'00', 'reserve', -1, ?1, 1)",
    )?
    .execute(params![id])?;
    db.prepare_cached("update balance set pack = pack - 1 where workspace = x'00'")?.execute([])?;
    db.prepare_cached("insert into quota values (x'01', 1, 1) on conflict do update set used = used + 1")?
        .execute([])?;
    Ok(())
}

/// Hands one write to the loop and waits until it is durable.
pub async fn write(writer: &Writer, write: Write) -> anyhow::Result<()> {
    let (done, durable) = oneshot::channel();
    writer.send((write, done)).await.ok().context("the floor ended")?;
    durable.await.context("the floor failed to commit")
}
