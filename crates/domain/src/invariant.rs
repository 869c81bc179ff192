//! The invariants of the house, by id. Each has a line in ARCHITECTURE.md and a check that `xtask tidy` looks for.

use strum::{EnumIter, IntoStaticStr};

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
pub enum InvariantId {
    /// Nothing is answered as accepted before it is committed.
    I01,
    /// An event and its deliveries are committed with the change they tell of, or not at all.
    I02,
    /// No transaction or lock is held across outbound I/O.
    I03,
    /// Only `outbound` dials the internet, and every dial is judged on the resolved address.
    I04,
    /// A job is charged at most once, and only on `done`; the balance equals the sum of its ledger.
    I05,
    /// A stale lease token never changes anything.
    I06,
    /// The same key and body never make two jobs.
    I07,
    /// Tenant scope is a required argument of every store method that reads or writes tenant data.
    I08,
    /// The redirect path cannot write anything but clicks.
    I09,
    /// Secrets at rest are hashed (bearer) or sealed (HMAC) and reach no log, event, error or debug print.
    I10,
    /// Time and randomness are injected; one place reads the clock.
    I11,
    /// Every queue, cache, body, batch, retry and wait has a named bound.
    I12,
    /// Every task is spawned through the lifecycle object; a dead worker is visible in `/readyz`.
    I13,
}
