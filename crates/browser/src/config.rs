//! What one installation decides about its browser. Every bound has a default here.

use std::ffi::OsString;
use std::path::PathBuf;

/// Everything `Browser` is told at start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrowserConfig {
    /// The program; `None` looks for a known one.
    pub path: Option<PathBuf>,
    /// The value of `PATH`, for looking.
    pub search_path: Option<OsString>,
    pub sandbox: Sandbox,
    /// Who the browser runs as when we are root; not looked at otherwise.
    pub run_as: RunAs,
    /// Where profiles are kept while a process lives; `None` is the system's folder for temporary files.
    pub scratch: Option<PathBuf>,
    pub bounds: BrowserBounds,
}

/// Chromium's own sandbox around pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sandbox {
    #[default]
    On,
    /// Only ever by the operator's hand: a page that breaks out of its engine then has the browser's rights.
    Off,
}

/// An unprivileged user. Root's own browser would have no sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunAs {
    pub uid: u32,
    pub gid: u32,
}

impl Default for RunAs {
    /// `nobody`, where the Linux Standard Base puts it.
    fn default() -> Self {
        Self { uid: 65_534, gid: 65_534 }
    }
}

/// What the browser may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrowserBounds {
    /// Links open at once; further ones wait.
    pub tabs_max: usize,
    /// A process serves so many links, then a fresh one takes over.
    pub links_per_process_max: u32,
    /// Private memory of all its processes; beyond it a fresh one takes over, and at twice this it is killed.
    pub process_memory_bytes_max: u64,
    /// Private memory of one of its processes, which is one page; beyond it that one is killed.
    pub page_memory_bytes_max: u64,
    /// Bytes of one link, both ways, through its proxy.
    pub link_bytes_max: u64,
    /// A process without links ends after this time.
    pub idle_ms: u64,
}

impl Default for BrowserBounds {
    fn default() -> Self {
        Self {
            tabs_max: 4,
            links_per_process_max: 200,
            process_memory_bytes_max: 1024 * 1024 * 1024,
            page_memory_bytes_max: 512 * 1024 * 1024,
            link_bytes_max: 64 * 1024 * 1024,
            idle_ms: 30_000,
        }
    }
}
