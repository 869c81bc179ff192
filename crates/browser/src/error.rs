//! Why the browser itself could not do its work. What a link does wrong is no error: it is the visit's end.

use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    #[error("find a browser: none of {looked_for} is installed; install Chromium or set browser.executable")]
    NotFound { looked_for: String },
    #[error("start the browser: {} can't be run", .path.display())]
    NotExecutable { path: PathBuf },
    #[error("start the browser {}", .path.display())]
    Spawn { path: PathBuf, source: io::Error },
    #[error("start the browser {}: it ended or did not answer in time; it said: {said}", .path.display())]
    NoAnswer { path: PathBuf, said: String },
    /// Says nothing of the link: it may be tried later.
    #[error("get a tab of the browser: all were busy for as long as the link may wait for one; try later")]
    Busy,
    #[error("open the link in the browser: the browser was not ready in time")]
    NotReady,
    #[error("open the link in the browser: it crashed, twice")]
    Crashed,
    #[error("open the link in the browser: it refused {method}: {detail}")]
    Refused { method: &'static str, detail: String },
    #[error("open the link's proxy on loopback")]
    Proxy(#[source] io::Error),
}
