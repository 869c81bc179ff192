//! Adapters of the Store port: SQLite now, PostgreSQL beside it later.
