//! The typed API client: the Rust SDK, used by the command line.
