//! Confines the calling process, for good.

use thiserror::Error;

use super::resources;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
use super::system_calls;

/// The system refused a part of the confinement; nothing may be run in this process.
#[derive(Debug, Error)]
pub enum ConfineError {
    #[error("lower the limits of the process")]
    Resources(#[source] rustix::io::Errno),
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    #[error("install the filter of system calls: the kernel needs seccomp")]
    SystemCalls(#[source] seccompiler::Error),
}

/// Confines the calling process. It must have one thread only, and have opened all it will need: afterwards it can read
/// standard input, write standard output and error, compute within the limits, and end.
pub fn confine() -> Result<(), ConfineError> {
    resources::lower().map_err(ConfineError::Resources)?;
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    system_calls::forbid().map_err(ConfineError::SystemCalls)?;
    Ok(())
}
