//! The events a visit is read from, as the protocol spells them; what is not needed is not parsed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::cdp::Event;

/// An event that means something to a visit.
#[derive(Debug)]
pub(crate) enum Seen {
    Request(Box<RequestWillBeSent>),
    RequestExtra(RequestExtra),
    Response(Box<ResponseReceived>),
    ResponseExtra(ResponseExtra),
    Data(DataReceived),
    Finished(LoadingFinished),
    Failed(LoadingFailed),
    /// Why the next navigation comes.
    Requested(Navigation),
    /// A refresh that waits.
    Scheduled(Navigation),
    Committed(Frame),
    Within(Within),
    Download(Download),
    Parsed,
    Stopped(Stopped),
    Dialog(Dialog),
    /// A request that waits for us to let it go.
    Paused(Paused),
    BudgetExpired,
    Crashed,
}

/// The methods [`Seen::of`] reads the parameters of.
const READ: [&str; 15] = [
    "Network.requestWillBeSent",
    "Network.requestWillBeSentExtraInfo",
    "Network.responseReceived",
    "Network.responseReceivedExtraInfo",
    "Network.dataReceived",
    "Network.loadingFinished",
    "Network.loadingFailed",
    "Page.frameRequestedNavigation",
    "Page.frameScheduledNavigation",
    "Page.frameNavigated",
    "Page.navigatedWithinDocument",
    "Page.downloadWillBegin",
    "Page.frameStoppedLoading",
    "Page.javascriptDialogOpening",
    "Fetch.requestPaused",
];

impl Seen {
    /// Whether anything but the name of such an event is of interest.
    pub(crate) fn reads(method: &str) -> bool {
        READ.contains(&method)
    }

    /// `None` for events of no interest; events that do not read as they should are of none.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        match event.method.as_str() {
            "Network.requestWillBeSent" => read(event).map(Self::Request),
            "Network.requestWillBeSentExtraInfo" => read(event).map(Self::RequestExtra),
            "Network.responseReceived" => read(event).map(Self::Response),
            "Network.responseReceivedExtraInfo" => read(event).map(Self::ResponseExtra),
            "Network.dataReceived" => read(event).map(Self::Data),
            "Network.loadingFinished" => read(event).map(Self::Finished),
            "Network.loadingFailed" => read(event).map(Self::Failed),
            "Page.frameRequestedNavigation" => read(event).map(Self::Requested),
            "Page.frameScheduledNavigation" => read(event).map(Self::Scheduled),
            "Page.frameNavigated" => {
                read::<Navigated>(event).map(|navigated| Self::Committed(navigated.frame))
            }
            "Page.navigatedWithinDocument" => read(event).map(Self::Within),
            "Page.downloadWillBegin" => read(event).map(Self::Download),
            "Page.domContentEventFired" => Some(Self::Parsed),
            "Page.frameStoppedLoading" => read(event).map(Self::Stopped),
            "Page.javascriptDialogOpening" => read(event).map(Self::Dialog),
            "Fetch.requestPaused" => read(event).map(Self::Paused),
            "Emulation.virtualTimeBudgetExpired" => Some(Self::BudgetExpired),
            "Inspector.targetCrashed" => Some(Self::Crashed),
            _ => None,
        }
    }
}

fn read<T: DeserializeOwned>(event: &Event) -> Option<T> {
    serde_json::from_str(event.params.get()).ok()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestWillBeSent {
    pub(super) request_id: String,
    pub(super) loader_id: String,
    #[serde(default)]
    pub(super) frame_id: String,
    #[serde(rename = "type", default)]
    pub(super) resource_type: String,
    pub(super) request: Request,
    /// Seconds since the epoch.
    pub(super) wall_time: f64,
    /// The answer to the request before, which redirects here.
    pub(super) redirect_response: Option<Response>,
    #[serde(default)]
    pub(super) redirect_has_extra_info: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) url: String,
    pub(super) url_fragment: Option<String>,
    pub(super) method: String,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) post_data_entries: Vec<PostData>,
}

impl Request {
    pub(super) fn whole_url(&self) -> String {
        format!("{}{}", self.url, self.url_fragment.as_deref().unwrap_or_default())
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct PostData {
    /// Base64.
    pub(super) bytes: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestExtra {
    pub(super) request_id: String,
    #[serde(default)]
    pub(super) associated_cookies: Vec<AssociatedCookie>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssociatedCookie {
    #[serde(default)]
    pub(super) blocked_reasons: Vec<String>,
    pub(super) cookie: Cookie,
}

#[derive(Debug, Deserialize)]
pub(super) struct Cookie {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResponseReceived {
    pub(super) request_id: String,
    pub(super) response: Response,
    #[serde(default)]
    pub(super) has_extra_info: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    pub(super) status: u16,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    pub(super) protocol: Option<String>,
    pub(super) timing: Option<Timing>,
    pub(super) security_details: Option<SecurityDetails>,
}

/// Milliseconds after `request_time`, which is in seconds; −1 where a phase did not happen.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Timing {
    pub(super) request_time: f64,
    pub(super) dns_start: f64,
    pub(super) dns_end: f64,
    pub(super) connect_start: f64,
    pub(super) connect_end: f64,
    pub(super) ssl_start: f64,
    pub(super) ssl_end: f64,
    pub(super) send_end: f64,
    pub(super) receive_headers_end: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecurityDetails {
    pub(super) protocol: String,
    pub(super) subject_name: String,
    pub(super) issuer: String,
    /// Seconds since the epoch.
    pub(super) valid_to: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResponseExtra {
    pub(super) request_id: String,
    pub(super) status_code: u16,
    /// One character a byte; the values of one name are joined by line feeds.
    pub(super) headers: BTreeMap<String, String>,
    /// As received, in HTTP/1; its bytes above ASCII are lost.
    pub(super) headers_text: Option<String>,
    #[serde(default)]
    pub(super) blocked_cookies: Vec<BlockedCookie>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockedCookie {
    pub(super) cookie_line: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DataReceived {
    pub(super) request_id: String,
    /// After decoding.
    pub(super) data_length: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoadingFinished {
    pub(super) request_id: String,
    pub(super) timestamp: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoadingFailed {
    pub(super) request_id: String,
    pub(super) error_text: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Navigation {
    pub(super) frame_id: String,
    pub(super) reason: String,
    pub(super) url: String,
    /// Seconds.
    #[serde(default)]
    pub(super) delay: f64,
    /// Where it shows; absent where it is the tab itself.
    pub(super) disposition: Option<String>,
}

impl Navigation {
    pub(super) fn is_here(&self) -> bool {
        self.disposition.as_deref().is_none_or(|disposition| disposition == "currentTab")
    }

    pub(super) fn is_refresh(&self) -> bool {
        matches!(self.reason.as_str(), "metaTagRefresh" | "httpHeaderRefresh")
    }
}

#[derive(Debug, Deserialize)]
struct Navigated {
    frame: Frame,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Frame {
    pub(super) id: String,
    pub(super) loader_id: String,
    pub(super) url: String,
    pub(super) url_fragment: Option<String>,
    /// Of what the browser shows a page of its own instead.
    pub(super) unreachable_url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Within {
    pub(super) frame_id: String,
    pub(super) url: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Download {
    pub(super) frame_id: String,
    pub(super) url: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dialog {
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Paused {
    pub(super) request_id: String,
    pub(super) frame_id: String,
    #[serde(default)]
    pub(super) resource_type: String,
    pub(super) request: PausedRequest,
}

#[derive(Debug, Deserialize)]
pub(super) struct PausedRequest {
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stopped {
    pub(super) frame_id: String,
}
