//! How a store fails, in words that do not depend on the engine.

/// A store call that changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The writer's queue is full: try again in a moment.
    #[error("queue the write: more than {queue_max} writes are waiting; try again in a moment")]
    Overloaded { queue_max: usize },
    /// The database is locked by someone else, out of space or unreachable.
    #[error("reach the database: {detail}; it is tried again by itself")]
    Unavailable { detail: String },
    /// The database was written by a newer Hopline.
    #[error(
        "open the database: its schema is version {found}, this program knows up to {known}; start the Hopline that wrote it, or a newer one"
    )]
    NewerSchema { found: i64, known: i64 },
    /// The database file is damaged or no database at all.
    #[error("read the database: {detail}; restore the data folder from a backup")]
    Corrupt { detail: String },
    /// What is stored can't be read back as what it must be.
    #[error("read {what} from the database: {detail}")]
    Decode { what: &'static str, detail: String },
    /// Anything else the engine said.
    #[error("{operation}: the database said {detail}")]
    Engine { operation: &'static str, detail: String },
}
