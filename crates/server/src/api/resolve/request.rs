//! What `POST /v1/resolve` takes: every member read and judged, all faults at once.

use hopline_domain::{
    address,
    job::{BrowserUse, JobOptions, RUNNER_SERVER},
    limits::{MAX_AGE_S_DEFAULT, PROFILE_HEADERS_MAX, PROFILE_VALUE_BYTES_MAX, URL_BYTES_MAX},
    link::{self, LinkRefusal},
    profile::{FormFactor, Profile},
};
use url::{Host, Url};

use crate::{
    app::App,
    extract::{BodyKey, CreatingBody},
    fields::{Fields, FromFields, boolean, integer, object, parsed, text, text_map, word},
    parts::Capabilities,
};

/// Older answers than this are never asked for by number: one year.
const MAX_AGE_S_MAX: u64 = 31_536_000;
const HOST_BYTES_MAX: usize = 253;
const NO_BROWSER: &str = "this server has no browser engine";

/// A request whose every member is sound. The link itself may still be one that is never resolved.
#[derive(Debug)]
pub(crate) struct ResolveBody {
    /// As it was given.
    pub(super) url: String,
    /// Parsed, or why this server never resolves it.
    pub(super) link: Result<Url, Unsupported>,
    pub(super) webhook_url: Option<String>,
    pub(super) max_age_s: u64,
    pub(super) options: JobOptions,
}

/// Why a sound link is never resolved here.
#[derive(Debug)]
pub(crate) struct Unsupported {
    pub(super) reason: &'static str,
    pub(super) detail: String,
}

impl CreatingBody for ResolveBody {
    const BODY_KEY: BodyKey = BodyKey::Wins;
}

impl FromFields for ResolveBody {
    fn read(fields: &mut Fields<'_, '_>, app: &App) -> Option<Self> {
        let url = fields.required("url", text(URL_BYTES_MAX));
        let link = url.as_deref().map(|url| read_link(fields, url, app));
        let webhook_url = fields.optional("webhook_url", text(URL_BYTES_MAX));
        judge_receiver(fields, webhook_url.as_deref(), app);
        let max_age_s = fields.optional("max_age_s", integer(0, MAX_AGE_S_MAX)).unwrap_or(MAX_AGE_S_DEFAULT);
        refuse_other_runners(fields);
        let browser = read_browser(fields, &app.parts.capabilities);
        let options = JobOptions {
            browser,
            // The plan decides, which only the handler knows.
            browser_allowed: false,
            screenshot: read_screenshot(fields, browser, &app.parts.capabilities),
            profile: read_profile(fields, &app.parts.capabilities),
            expected_domain: fields.optional("expected_domain", parsed(HOST_BYTES_MAX, expected_domain)),
        };
        Some(Self { url: url?, link: link??, webhook_url, max_age_s, options })
    }
}

/// `None` when the text breaks the grammar; an inner error for a link that is sound but never resolved.
fn read_link(fields: &mut Fields<'_, '_>, url: &str, app: &App) -> Option<Result<Url, Unsupported>> {
    match link::judge(url, &app.parts.policy) {
        Ok(url) => Some(Ok(url)),
        Err(LinkRefusal::Unsupported { reason, detail }) => Some(Err(Unsupported { reason, detail })),
        Err(LinkRefusal::Malformed(why)) => fields.place_of("url").refuse("malformed", why),
    }
}

fn judge_receiver(fields: &mut Fields<'_, '_>, webhook_url: Option<&str>, app: &App) {
    let Some(text) = webhook_url else { return };
    let mut place = fields.place_of("webhook_url");
    match Url::parse(text) {
        Err(error) => place.refuse::<()>("malformed", format!("this is no URL: {error}")),
        Ok(url) => match address::judge_webhook_text(&url, &app.parts.policy) {
            Ok(()) => None,
            Err(refusal) => place.refuse(refusal.word(), refusal.to_string()),
        },
    };
}

/// Other runners need devices, which this server does not have.
fn refuse_other_runners(fields: &mut Fields<'_, '_>) {
    if fields.optional("runner", text(128)).is_some_and(|runner| runner != RUNNER_SERVER) {
        let detail = "this server has no devices: leave `runner` out, or give `server`";
        fields.place_of("runner").refuse::<()>("not_available", detail);
    }
}

fn read_browser(fields: &mut Fields<'_, '_>, capabilities: &Capabilities) -> BrowserUse {
    let browser = fields.optional("browser", word("auto, never, always")).unwrap_or_default();
    if browser == BrowserUse::Always && !capabilities.browser {
        fields.place_of("browser").refuse::<()>("not_available", NO_BROWSER);
    }
    browser
}

fn read_screenshot(fields: &mut Fields<'_, '_>, browser: BrowserUse, capabilities: &Capabilities) -> bool {
    let wanted = fields.optional("screenshot", boolean).unwrap_or(false);
    if wanted && !capabilities.browser {
        fields.place_of("screenshot").refuse::<()>("not_available", NO_BROWSER);
    } else if wanted && browser == BrowserUse::Never {
        let detail = "only a browser takes a screenshot: leave `browser` out, or give `always`";
        fields.place_of("screenshot").refuse::<()>("not_allowed", detail);
    }
    wanted
}

fn read_profile(fields: &mut Fields<'_, '_>, capabilities: &Capabilities) -> Profile {
    let read = object(|fields| Profile {
        user_agent: fields.optional("user_agent", text(PROFILE_VALUE_BYTES_MAX)),
        accept_language: fields.optional("accept_language", text(PROFILE_VALUE_BYTES_MAX)),
        referer: fields.optional("referer", text(PROFILE_VALUE_BYTES_MAX)),
        form_factor: fields
            .optional("form_factor", word::<FormFactor>("desktop, mobile"))
            .unwrap_or_default(),
        headers: fields
            .optional("headers", text_map(PROFILE_HEADERS_MAX, PROFILE_VALUE_BYTES_MAX))
            .unwrap_or_default(),
        egress: fields.optional("egress", text(128)),
    });
    let profile = fields.optional("profile", read).unwrap_or_default();
    for (pointer, fault) in profile.faults(&capabilities.egresses) {
        fields.place_of("profile").refuse_below(&pointer, "not_allowed", fault);
    }
    profile
}

fn expected_domain(text: &str) -> Result<String, String> {
    let host = Host::parse(text).map_err(|_| "give a host name, as example.com".to_owned())?;
    Ok(host.to_string())
}
