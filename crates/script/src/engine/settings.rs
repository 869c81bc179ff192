//! How workers are started, and how much they may take.

use std::{env, ffi::OsString, io, num::NonZero, path::PathBuf, thread, time::Duration};

/// The kernel resolves it in the started process, whose image is still ours, without looking at the folders above it.
const THIS_IMAGE: &str = "/proc/self/exe";

/// The program that becomes a worker: it calls [`worker_main`](crate::worker_main) and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptCommand {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
}

impl ScriptCommand {
    /// This very program with other arguments: the same version even after the file was replaced by a newer one, and readable
    /// for an unprivileged user wherever it lies.
    pub fn this_program(arguments: impl IntoIterator<Item = OsString>) -> io::Result<Self> {
        let program = if cfg!(target_os = "linux") { THIS_IMAGE.into() } else { env::current_exe()? };
        Ok(Self { program, arguments: arguments.into_iter().collect() })
    }
}

/// Bounds on the workers of one engine. Memory and processor time of a worker are fixed in the worker itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptLimits {
    /// Pages run at the same time; two more processes may wait for their pages.
    pub pages_max: NonZero<usize>,
    /// A page's time by the clock on the wall, without what it waits for the host.
    pub page_time_max: Duration,
}

/// More only compete for memory: 256 MiB each at worst.
const PAGES_MAX: usize = 16;
const PAGE_TIME_MAX: Duration = Duration::from_secs(5);

impl Default for ScriptLimits {
    fn default() -> Self {
        let cores = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        let pages_max = NonZero::new(PAGES_MAX).map_or(cores, |most| cores.min(most));
        Self { pages_max, page_time_max: PAGE_TIME_MAX }
    }
}
