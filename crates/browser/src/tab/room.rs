//! A room for one link: a browser context with cookies, storage and a proxy of its own, and one tab in it.

use std::net::SocketAddr;

use hopline_domain::profile::Profile;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::commands;
use crate::cdp::{Cdp, CdpError, Events};
use crate::record::Seen;

/// Closed, with everything in it, when dropped.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) cdp: Cdp,
    pub(super) session: String,
    /// The tab's, and so its main frame's.
    pub(super) frame: String,
    pub(super) events: Events,
    _context: Context,
}

#[derive(Debug)]
struct Context {
    cdp: Cdp,
    id: String,
    session: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    browser_context_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    target_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attached {
    session_id: String,
}

impl Room {
    pub(super) async fn open(cdp: &Cdp, proxy: SocketAddr, profile: &Profile) -> Result<Self, CdpError> {
        let way_out = json!({
            "proxyServer": format!("socks5://{proxy}"),
            // Loopback is not exempt.
            "proxyBypassList": "<-loopback>",
            "disposeOnDetach": true,
        });
        let created: Created = cdp.call_or("Target.createBrowserContext", way_out, dispose_unused).await?;
        let mut context = Context { cdp: cdp.clone(), id: created.browser_context_id, session: None };
        let tab = json!({"url": "about:blank", "browserContextId": context.id});
        let opened: Opened = cdp.call(None, "Target.createTarget", tab).await?;
        let attach = json!({"targetId": opened.target_id, "flatten": true});
        let attached: Attached = cdp.call(None, "Target.attachToTarget", attach).await?;
        let session = attached.session_id;
        context.session = Some(session.clone());
        let events = cdp.events(&session, Seen::reads);
        let downloads = json!({"behavior": "deny", "browserContextId": context.id, "eventsEnabled": true});
        cdp.call::<Value>(None, "Browser.setDownloadBehavior", downloads).await?;
        let told = commands::of_profile(profile);
        let calls =
            told.into_iter().map(|(method, params)| cdp.call::<Value>(Some(&session), method, params));
        futures_util::future::try_join_all(calls).await?;
        Ok(Self { cdp: cdp.clone(), session, frame: opened.target_id, events, _context: context })
    }

    pub(super) fn post(&self, method: &'static str, params: &Value) {
        self.cdp.post(Some(&self.session), method, params);
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.session.iter().for_each(|session| self.cdp.forget(session));
        dispose(&self.cdp, &self.id);
    }
}

fn dispose(cdp: &Cdp, context_id: &str) {
    cdp.post(None, "Target.disposeBrowserContext", &json!({"browserContextId": context_id}));
}

/// The visit was given up before its context was there.
fn dispose_unused(cdp: &Cdp, answer: &RawValue) {
    if let Ok(created) = serde_json::from_str::<Created>(answer.get()) {
        dispose(cdp, &created.browser_context_id);
    }
}
