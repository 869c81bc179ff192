//! Looking at the page that stayed: its title, the frame that fills it, a picture.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::room::Room;
use crate::cdp::CdpError;

/// A page that hangs is not looked at for longer.
const LOOK_MS_MAX: u64 = 2_000;
const PICTURE_MS_MAX: u64 = 5_000;
const TITLE_CHARS_MAX: usize = 1_024;
/// A picture of one screen; a larger one is noise made to cost us, and is not kept.
const PICTURE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Runs apart from the page's own scripts, which can't change what it sees. A frame fills the page when nine tenths of
/// the window's width and height show it, and the page itself has nothing to read or to fill in beside it.
const QUESTION: &str = "(() => {
    const fills = frame => {
        const box = frame.getBoundingClientRect();
        const width = Math.min(box.right, innerWidth) - Math.max(box.left, 0);
        const height = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
        return width >= innerWidth * 0.9 && height >= innerHeight * 0.9
            && frame.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    };
    const isFrameset = document.body && document.body.tagName === 'FRAMESET';
    const isBare = isFrameset || document.body && document.body.innerText.trim() === ''
        && !document.querySelector('input:not([type=hidden]), select, textarea, button');
    const frames = isBare
        ? [...document.querySelectorAll('frame, iframe')].filter(frame => frame.src && fills(frame)) : [];
    const largest = [...document.querySelectorAll('frame')].filter(frame => frame.src)
        .sort((a, b) => b.offsetWidth * b.offsetHeight - a.offsetWidth * a.offsetHeight);
    const framed = frames.length ? frames[0] : isFrameset ? largest[0] : null;
    return { title: document.title || null, framed: framed ? framed.src : null };
})()";

#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) title: Option<String>,
    pub(super) framed_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct World {
    execution_context_id: i64,
}

#[derive(Deserialize)]
struct Evaluated {
    result: Answer,
}

#[derive(Deserialize)]
struct Answer {
    value: Answered,
}

#[derive(Deserialize)]
struct Answered {
    title: Option<String>,
    framed: Option<String>,
}

#[derive(Deserialize)]
struct Picture {
    /// Base64.
    data: String,
}

/// Ends at `until`, or sooner.
pub(super) async fn look(room: &Room, until: Instant) -> Look {
    let asked = timeout_at(until.min(after(LOOK_MS_MAX)), ask(room)).await;
    let Ok(Ok(answered)) = asked else { return Look::default() };
    let web = |text: String| {
        Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https")).map(String::from)
    };
    let title = answered.title.map(|title| title.chars().take(TITLE_CHARS_MAX).collect());
    Look { title, framed_url: answered.framed.and_then(web) }
}

fn after(milliseconds: u64) -> Instant {
    Instant::now() + Duration::from_millis(milliseconds)
}

/// PNG of what a person would see first, if there is one `until` then.
pub(super) async fn picture(room: &Room, until: Instant) -> Option<Vec<u8>> {
    let params = json!({"format": "png", "captureBeyondViewport": false});
    let taken = room.cdp.call::<Picture>(Some(&room.session), "Page.captureScreenshot", params);
    let picture = timeout_at(until.min(after(PICTURE_MS_MAX)), taken).await.ok()?.ok()?;
    STANDARD.decode(picture.data).ok().filter(|bytes| bytes.len() <= PICTURE_BYTES_MAX)
}

async fn ask(room: &Room) -> Result<Answered, CdpError> {
    let session = Some(room.session.as_str());
    let frame = json!({"frameId": room.frame});
    let world: World = room.cdp.call(session, "Page.createIsolatedWorld", frame).await?;
    let question = json!({
        "expression": QUESTION,
        "contextId": world.execution_context_id,
        "returnByValue": true,
        "timeout": LOOK_MS_MAX,
    });
    let evaluated: Evaluated = room.cdp.call(session, "Runtime.evaluate", question).await?;
    Ok(evaluated.result.value)
}
