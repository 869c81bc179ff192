//! Why a page has no report.

use std::{
    fmt, io, os::unix::process::ExitStatusExt as _, path::PathBuf, process::ExitStatus, time::Duration,
};

use thiserror::Error;

use crate::protocol::{EXIT_LINE_BROKEN, EXIT_UNCONFINED, FrameError};

/// A page without a report: nothing is known of where it would go.
#[derive(Debug, Error)]
pub enum ScriptError {
    /// No page can be run here: a matter of the installation, not of the page.
    #[error("start the script worker {program}: let its user execute that file")]
    Unavailable {
        program: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A worker ended, or said something else, before it was ready for a page.
    #[error("make the script worker ready ({end}): the kernel must allow seccomp and 256 MiB a process")]
    NotReady { end: WorkerEnd },
    #[error("run the page's scripts within {page_time_max:?}")]
    TimedOut { page_time_max: Duration },
    /// The page took more memory, stack or processor time than a worker has, or tried what is forbidden.
    #[error("run the page's scripts: the worker was ended ({end})")]
    Killed { end: WorkerEnd },
    /// The worker broke the protocol, as one does that a page has taken over; it was ended.
    #[error("understand the script worker: {reason}")]
    Protocol { reason: String },
    /// The page or an answer is larger than a worker can be sent.
    #[error("send the page to the script worker: it is too large")]
    TooLarge,
}

/// How a worker ended, as far as the system tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerEnd {
    /// Without an error, but without its report.
    Silent,
    /// The runtime gave up: memory or stack beyond the bound.
    Aborted,
    /// The kernel's limit on processor time.
    OutOfProcessorTime,
    /// A system call that a worker may not make.
    ForbiddenCall,
    /// It could not confine itself and ran nothing.
    Unconfined,
    /// It found its own line broken.
    LineBroken,
    Signal(i32),
    Code(i32),
    /// Still there; ended by the engine.
    Babbling,
}

const SIGABRT: i32 = libc::SIGABRT;
const SIGXCPU: i32 = libc::SIGXCPU;
const SIGSYS: i32 = libc::SIGSYS;

impl From<ExitStatus> for WorkerEnd {
    fn from(status: ExitStatus) -> Self {
        match (status.signal(), status.code().unwrap_or_default()) {
            (Some(SIGABRT), _) => Self::Aborted,
            (Some(SIGXCPU), _) => Self::OutOfProcessorTime,
            (Some(SIGSYS), _) => Self::ForbiddenCall,
            (Some(signal), _) => Self::Signal(signal),
            (None, 0) => Self::Silent,
            (None, code) if code == i32::from(EXIT_UNCONFINED) => Self::Unconfined,
            (None, code) if code == i32::from(EXIT_LINE_BROKEN) => Self::LineBroken,
            (None, code) => Self::Code(code),
        }
    }
}

impl fmt::Display for WorkerEnd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => formatter.write_str("it ended without a word"),
            Self::Aborted => formatter.write_str("out of memory or stack"),
            Self::OutOfProcessorTime => formatter.write_str("out of processor time"),
            Self::ForbiddenCall => formatter.write_str("forbidden system call"),
            Self::Unconfined => formatter.write_str("it could not confine itself"),
            Self::LineBroken => formatter.write_str("its line broke"),
            Self::Signal(signal) => write!(formatter, "signal {signal}"),
            Self::Code(code) => write!(formatter, "exit code {code}"),
            Self::Babbling => formatter.write_str("it does not speak the protocol"),
        }
    }
}

impl From<FrameError> for ScriptError {
    fn from(error: FrameError) -> Self {
        Self::Protocol { reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_told_apart() {
        let of = |raw| WorkerEnd::from(ExitStatus::from_raw(raw));
        assert_eq!(of(SIGSYS), WorkerEnd::ForbiddenCall);
        assert_eq!(of(SIGXCPU), WorkerEnd::OutOfProcessorTime);
        assert_eq!(of(SIGABRT), WorkerEnd::Aborted);
        assert_eq!(of(9), WorkerEnd::Signal(9));
        assert_eq!(of(0), WorkerEnd::Silent);
        assert_eq!(of(3 << 8), WorkerEnd::Unconfined);
        assert_eq!(of(101 << 8), WorkerEnd::Code(101));
    }
}
