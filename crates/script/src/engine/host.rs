//! What the engine's caller does for a page.

use async_trait::async_trait;

use crate::task::{FetchAnswer, FetchFailure, FetchRequest};

/// The network and the cookie jar behind one page. What is asked comes from a process that a hostile page may have taken over:
/// the host judges every address and every origin itself, and grants no more than the chain's own budgets and cookies.
#[async_trait]
pub trait PageHost: Send {
    /// The page has its place in the engine: what it waited for one is not its own time.
    async fn begun(&mut self) {}

    /// One subresource, redirects followed. The page's clock stands still meanwhile; the host keeps its own deadline.
    async fn fetch(&mut self, request: FetchRequest) -> Result<FetchAnswer, FetchFailure>;

    /// What `document.cookie` of the page reads: no `HttpOnly` cookies.
    async fn cookies(&mut self) -> String;

    /// `document.cookie = cookie`.
    async fn set_cookie(&mut self, cookie: &str);
}
