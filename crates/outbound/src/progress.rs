//! What an exchange has shown so far. It survives the deadline that cuts the exchange, so failures carry evidence too.

use std::net::SocketAddr;

use hopline_domain::chain::Timings;

use crate::error::{ExchangeError, ExchangeFailure, Phase};
use crate::stopwatch::Stopwatch;

#[derive(Debug)]
pub(crate) struct Progress {
    phase: Phase,
    stopwatch: Stopwatch,
    timings: Timings,
    pub(crate) remote_addr: Option<SocketAddr>,
}

impl Progress {
    pub(crate) fn start() -> Self {
        Self {
            phase: Phase::Dns,
            stopwatch: Stopwatch::start(),
            timings: Timings::default(),
            remote_addr: None,
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    /// Ends the current phase and begins `next`.
    pub(crate) fn enter(&mut self, next: Phase) {
        self.record();
        self.phase = next;
    }

    /// Ends the last phase.
    pub(crate) fn end(mut self) -> Timings {
        self.record();
        self.timings
    }

    pub(crate) fn fail(self, error: ExchangeError) -> ExchangeFailure {
        ExchangeFailure { error, remote_addr: self.remote_addr, timings: self.end() }
    }

    fn record(&mut self) {
        let phase_ms = match self.phase {
            Phase::Dns => &mut self.timings.dns,
            Phase::Connect => &mut self.timings.connect,
            Phase::Tls => &mut self.timings.tls,
            Phase::Wait => &mut self.timings.wait,
            Phase::Receive => &mut self.timings.receive,
        };
        *phase_ms = self.stopwatch.lap_ms();
    }
}
