//! How SQLite's errors become the port's.

use hopline_domain::store::StoreError;
use rusqlite::ErrorCode;

/// What can go wrong between a statement and its caller.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("{0}")]
    Sql(#[from] rusqlite::Error),
    #[error("{0}")]
    Store(#[from] StoreError),
}

pub(super) type SqlResult<T> = Result<T, Fault>;

impl Fault {
    /// Something stored can't be read back as what it must be.
    pub(super) fn decode(what: &'static str, detail: &dyn std::fmt::Display) -> Self {
        Self::Store(StoreError::Decode { what, detail: detail.to_string() })
    }

    /// In the port's words; `operation` fits "failed to …".
    pub(super) fn into_store(self, operation: &'static str) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Sql(error) => of_sql(&error, operation),
        }
    }
}

pub(super) fn of_sql(error: &rusqlite::Error, operation: &'static str) -> StoreError {
    let detail = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt { detail },
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::OperationInterrupted,
        ) => StoreError::Unavailable { detail },
        _ => StoreError::Engine { operation, detail },
    }
}
