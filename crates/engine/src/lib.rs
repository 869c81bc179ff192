//! Workers under leases: what is claimed from the store is worked on here, and its end is written back.
//!
//! One file or folder per job kind. A worker holds no transaction while it talks to the internet (I03), finishes only
//! under its lease (I06) and can die at any moment without losing work: what it held is claimed again.

// What the workers are given, and how they are run.
mod engine;
mod health;
mod parts;
mod settings;
mod supervise;

// The job kinds.
mod deliver;
mod depths;
mod endpoint_tidy;
mod fold;
mod lease_sweep;
mod link_expiry;
mod month;
mod relay;
mod replay;
mod resolve;
mod retain;

// What they share.
mod backoff;
mod claimer;
mod insist;
mod meters;
mod periodic;
mod slots;
mod stopwatch;

pub use engine::{Engine, EngineHandle, Tally};
pub use health::{Health, WorkerHealth, WorkerState};
pub use parts::EngineParts;
pub use settings::{EngineSettings, RetentionDays};
