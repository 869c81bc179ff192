//! What a worker takes from itself before it reads a page: memory, time, files, processes and every system call that it
//! does not need to compute.
//!
//! On Linux for x86-64 and 64-bit ARM both halves hold: resource limits and an allow-list of system calls, outside of which the
//! kernel ends the process. On other systems only the resource limits do: a page that breaks out of the script engine there
//! has the rights of the worker's user.

mod confine;
mod resources;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod system_calls;

pub use confine::{ConfineError, confine};
