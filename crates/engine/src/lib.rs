//! Workers under leases: one file per job kind.
