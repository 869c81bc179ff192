//! The database seen from outside: how many rows each table has, and whether it all adds up.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

use super::TestApp;

const FILES: [&str; 3] = ["hopline.db", "evidence.db", "clicks.db"];

/// Rows by table and credits by workspace: equal before and after whatever left no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Books {
    rows: BTreeMap<String, i64>,
    credits: i64,
}

impl Books {
    /// Rows of one table; fails the test when there is no such table.
    pub fn rows(&self, table: &str) -> i64 {
        self.rows[table]
    }
}

impl TestApp {
    /// The database as it is now.
    pub fn books(&self) -> Books {
        let mut rows = BTreeMap::new();
        for file in FILES {
            rows.extend(count(&self.database(file)));
        }
        let credits = number(&self.database(FILES[0]), "select sum(balance_plan + balance_pack) from meters");
        Books { rows, credits }
    }

    /// Leaves the first workspace this many credits to spend, by a line in its ledger.
    pub fn set_balance(&self, credits: i64) {
        let database = self.database(FILES[0]);
        let line = "insert into credit_entries (id, workspace_id, pool, kind, amount, created_at)
             select randomblob(16), workspace_id, 'pack', 'adjust', ?1 - balance_plan - balance_pack, 0 from meters";
        let sum = "update meters set balance_pack = ?1 - balance_plan";
        let transaction = database.unchecked_transaction().expect("the database can be written");
        for statement in [line, sum] {
            transaction.execute(statement, [credits]).expect("the ledger can be written");
        }
        transaction.commit().expect("the database can be written");
    }

    /// A connection of the test's own to one of the database files: `hopline.db`, `evidence.db` or `clicks.db`.
    pub fn database(&self, file: &str) -> Connection {
        open(&self.data_folder().join(file))
    }
}

fn open(path: &Path) -> Connection {
    let database = Connection::open(path).expect("the database opens");
    database.busy_timeout(std::time::Duration::from_secs(10)).expect("a timeout can be set");
    database
}

fn number(database: &Connection, query: &str) -> i64 {
    database.query_row(query, [], |row| row.get(0)).expect("the query gives a number")
}

fn count(database: &Connection) -> BTreeMap<String, i64> {
    let mut tables = database
        .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        .expect("a database has tables");
    let names = tables.query_map([], |row| row.get::<_, String>(0)).expect("tables have names");
    let names: Vec<String> = names.map(|name| name.expect("a name is text")).collect();
    let rows = |name: &String| number(database, &format!("select count(*) from \"{name}\""));
    names.iter().map(|name| (name.clone(), rows(name))).collect()
}

/// What must hold of a server that has stopped.
pub(super) fn audit(folder: &Path) {
    let core = open(&folder.join(FILES[0]));
    for (what, query) in [
        ("jobs under a lease", "select count(*) from jobs where status = 'running'"),
        ("deliveries under a lease", "select count(*) from deliveries where state = 'delivering'"),
        (
            "workspaces whose balance is not the sum of their ledger",
            "select count(*) from meters where balance_plan + balance_pack <> (
                 select coalesce(sum(amount), 0) from credit_entries
                 where credit_entries.workspace_id = meters.workspace_id)",
        ),
        (
            "done jobs without exactly one settlement",
            "select count(*) from jobs where status = 'done' and 1 <> (
                 select count(*) from credit_entries where job_id = jobs.id and kind = 'settle')",
        ),
        (
            "charges for what is not done",
            "select count(*) from jobs where status <> 'done' and (credits_charged <> 0 or exists (
                 select 1 from credit_entries where job_id = jobs.id and kind = 'settle'))",
        ),
    ] {
        assert_eq!(number(&core, query), 0, "{what}");
    }
}
