//! What a page asks of the world outside its process.

use crate::task::{FetchAnswer, FetchFailure, FetchRequest};

/// Answers a running page. Calls come one at a time and wait for their answer.
pub(crate) trait PageCalls {
    /// One request, redirects followed.
    fn fetch(&mut self, request: FetchRequest) -> Result<FetchAnswer, FetchFailure>;
    /// `document.cookie` now: what `HttpOnly` hides is left out.
    fn cookies(&mut self) -> String;
    /// `document.cookie = text`.
    fn set_cookie(&mut self, text: &str);
    /// Whether the page's time is over. Asked often, between instructions.
    fn expired(&self) -> bool;
}
