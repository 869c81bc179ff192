//! What one page may use, each bound with its unit in its name.

/// Heap of the script engine. A page that needs more ends with what it showed so far.
pub(super) const MEMORY_BYTES_MAX: usize = 64 << 20;
/// Below this nobody looks for garbage: most pages end before there is any to speak of.
pub(super) const GARBAGE_BYTES_MIN: usize = 24 << 20;
/// Stack of the script engine: deep recursion is a `RangeError`, as in browsers.
pub(super) const STACK_BYTES_MAX: usize = 512 << 10;
/// Code the parser meets in one document, `document.write` included.
pub(super) const MARKUP_BYTES_MAX: usize = 8 << 20;
/// `document.write` inside what `document.write` wrote.
pub(super) const WRITE_DEPTH_MAX: usize = 20;
/// Timers and other tasks run in all: intervals end here.
pub(super) const TASKS_MAX: u32 = 20_000;
/// Frames whose documents run.
pub(super) const FRAMES_MAX: usize = 4;
/// What a request takes on the page's clock. Close to a near server's, so that fallback timers do not overtake answers.
pub(super) const FETCH_MS: f64 = 20.0;
/// How long after a navigation was asked for tasks still run that may replace it. Chromium on loopback takes about as long
/// to commit one.
pub(super) const COMMIT_MS: f64 = 25.0;
/// The longest the page stays while it keeps asking to leave.
pub(super) const COMMIT_MS_MAX: f64 = 250.0;
/// How much reading the clock advances it, so that loops waiting for a time end.
pub(super) const CLOCK_READ_MS: f64 = 0.02;
/// Uncaught errors kept for the log.
pub(super) const ERRORS_MAX: usize = 10;
/// Characters of one of them.
pub(super) const ERROR_CHARS_MAX: usize = 200;
/// Distinct needs kept.
pub(super) const NEEDS_MAX: usize = 32;
/// Refresh instructions kept.
pub(super) const REFRESHES_MAX: usize = 16;
/// Entries and characters of a page's storage that are kept for the next page.
pub(super) const STORAGE_ENTRIES_MAX: usize = 256;
