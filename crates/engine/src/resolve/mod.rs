//! Resolving: claimed jobs are peeled, equal ones together, and finished under their lease with evidence and verdicts.

// From the claim to the end.
mod executions;
mod finish;
mod jobs;

// The leases meanwhile.
mod heartbeat;
mod held;

pub(crate) use heartbeat::Heartbeat;
pub(crate) use jobs::Resolve;
