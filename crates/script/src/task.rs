//! What the two sides tell each other: a page to run, what it asks for meanwhile, and what came of it.

use serde::{Deserialize, Serialize};

/// A page as it arrived, and the bounds of running it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageTask {
    /// Of the document, fragment included.
    pub url: String,
    /// Decoded from the document's encoding.
    pub html: String,
    /// `document.characterSet`: the WHATWG name of the encoding the document arrived in.
    pub charset: String,
    /// `document.referrer`; empty without one.
    pub referrer: String,
    pub user_agent: String,
    /// `navigator.languages`, the preferred first.
    pub languages: Vec<String>,
    /// Touch screen, small viewport.
    pub is_mobile: bool,
    /// `Content-Security-Policy` values of the response, in order.
    pub content_security_policies: Vec<String>,
    /// Wall clock at which the page begins, milliseconds since the Unix epoch. Timers advance it without waiting.
    pub now_ms: i64,
    /// Seed of `Math.random` and `crypto.getRandomValues`: the same page with the same seed runs alike.
    pub seed: u64,
    /// Timers due later than this after load are not run.
    pub timer_ms_max: u64,
    /// Subresources asked for at most: scripts, `fetch`, `XMLHttpRequest`, frames together.
    pub fetches_max: u32,
    /// What earlier pages of the chain on this origin left behind.
    pub storage: PageStorage,
}

/// `localStorage` and `sessionStorage` of one origin, in insertion order. Pages that mark a visit there and reload need
/// both to last as long as the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageStorage {
    pub local: Vec<(String, String)>,
    pub session: Vec<(String, String)>,
    /// `window.name`, which a tab keeps as long as it stays on the site.
    pub window_name: String,
}

/// What a page asks of the network, before any redirect. CSP is the page's; addresses, origins, CORS and cookies are the
/// host's to judge, which knows the page's origin by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchRequest {
    pub kind: FetchKind,
    pub url: String,
    pub method: String,
    /// Headers the script set; forbidden ones are already left out.
    pub headers: Vec<(String, String)>,
    #[serde(with = "base64_bytes")]
    pub body: Vec<u8>,
    pub mode: FetchMode,
    pub credentials: FetchCredentials,
    pub client: FetchClient,
}

/// Fetch "request mode".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FetchMode {
    SameOrigin,
    Cors,
    NoCors,
}

/// Fetch "credentials mode": when cookies go along and are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FetchCredentials {
    Omit,
    /// As long as the request has stayed on the page's origin.
    SameOrigin,
    Include,
}

/// Which of the page's documents asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FetchClient {
    /// One of the page's origin.
    Page,
    /// One of no origin: sandboxed, or made of a `data:` URL.
    Opaque,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FetchKind {
    /// `<script src>`, and `import`.
    Script,
    /// `fetch()`, `XMLHttpRequest`, `navigator.sendBeacon`.
    Data,
    /// The document of an `<iframe>` that may navigate the top.
    Frame,
    /// An image somebody listens to: asked for only then.
    Image,
    /// A style sheet somebody listens to.
    Style,
}

/// What the network answered, redirects followed, as far as the page may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchAnswer {
    pub tainting: ResponseTainting,
    /// Where redirects led.
    pub url: String,
    pub status: u16,
    /// Names in lowercase.
    pub headers: Vec<(String, String)>,
    #[serde(with = "base64_bytes")]
    pub body: Vec<u8>,
}

/// Fetch "response tainting": how far an answer is the page's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ResponseTainting {
    /// Of the page's own origin all the way.
    Basic,
    /// Another origin's, which shares it.
    Cors,
    /// Another origin's: scripts run, all else shows only whether it is there.
    Opaque,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FetchFailure {
    /// The network or the address policy: the page sees a network error.
    Network,
    /// The chain's budget is spent: the page sees a network error, and the report names a need.
    Budget,
}

/// What running a page showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageReport {
    /// Where it goes first, if anywhere.
    pub navigation: Option<Navigation>,
    /// The document's URL after history and fragment changes.
    pub url: String,
    /// The document's title after scripts ran.
    pub title: Option<String>,
    /// Refresh instructions scripts put into the document, in order; those of the source are the caller's.
    pub refreshes: Vec<InsertedRefresh>,
    /// Words for what the page wanted and this engine lacks (`canvas`, `subresource_budget`, …); a browser may know better.
    pub needs: Vec<String>,
    /// Messages of uncaught errors, at most 10, for logs.
    pub errors: Vec<String>,
    /// Hand it to the next page of the same origin.
    pub storage: PageStorage,
}

/// A navigation of the top document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Navigation {
    /// Resolved; any scheme.
    pub url: String,
    pub cause: NavigationCause,
    /// `GET` or `POST`.
    pub method: String,
    #[serde(with = "base64_bytes")]
    pub body: Vec<u8>,
    pub content_type: Option<String>,
    /// Milliseconds of the page's own clock after its document began.
    pub at_ms: u64,
    /// `Referrer-Policy` keeps the referer back (`noreferrer` links, `no-referrer` policies set by the document).
    pub no_referrer: bool,
}

/// The browser's own words for why a page is left; scripts and clicks of scripts are told apart for evidence only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NavigationCause {
    Script,
    AnchorClick,
    Reload,
    Form,
}

/// A `<meta http-equiv=refresh>` that a script inserted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsertedRefresh {
    pub content: String,
    /// The base URL in force where it stood.
    pub base_url: String,
}

/// Bytes as base64 text.
mod base64_bytes {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(D::Error::custom)
    }
}
