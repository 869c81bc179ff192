//! What a tab is told before a link is opened in it: who it pretends to be, and what to report.

use hopline_domain::profile::{FormFactor, Profile};
use serde_json::{Value, json};

use crate::record::{Held, HeldOf};

/// The largest source the browser keeps for us. It tells of it in up to six bytes for one, in one message.
const SOURCE_BYTES_MAX: u64 = 2 * 1024 * 1024;
/// All it keeps of one tab.
const SOURCES_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Form data beyond this is not shown to us.
const POST_DATA_BYTES_MAX: u64 = 1024 * 1024;

/// Width, height, pixels per point.
const DESKTOP: (u32, u32, f64) = (1_366, 768, 1.0);
const MOBILE: (u32, u32, f64) = (412, 915, 2.625);

pub(super) type Command = (&'static str, Value);

/// In the order they are sent, before the link is opened.
pub(super) fn of_profile(profile: &Profile) -> Vec<Command> {
    let is_mobile = profile.form_factor == FormFactor::Mobile;
    let (width, height, scale) = if is_mobile { MOBILE } else { DESKTOP };
    let screen = json!({"width": width, "height": height, "deviceScaleFactor": scale, "mobile": is_mobile});
    let sources = json!({
        "maxTotalBufferSize": SOURCES_BYTES_MAX,
        "maxResourceBufferSize": SOURCE_BYTES_MAX,
        "maxPostDataSize": POST_DATA_BYTES_MAX,
        // So that the source of a page outlives it: a script may leave at once.
        "enableDurableMessages": true,
    });
    let mut commands = vec![
        ("Page.enable", json!({})),
        ("Network.enable", sources),
        ("Inspector.enable", json!({})),
        // Its clock is the page's.
        ("Performance.enable", json!({})),
        ("Emulation.setUserAgentOverride", user_agent(profile)),
        ("Emulation.setDeviceMetricsOverride", screen),
    ];
    if is_mobile {
        commands.push(("Emulation.setTouchEmulationEnabled", json!({"enabled": true})));
    }
    if languages(profile.accept_language()).is_none() {
        let headers = json!({"Accept-Language": profile.accept_language()});
        commands.push(("Network.setExtraHTTPHeaders", json!({"headers": headers})));
    }
    if !profile.headers.is_empty() {
        let documents = json!({"patterns": [{"resourceType": "Document", "requestStage": "Request"}]});
        commands.push(("Fetch.enable", documents));
    }
    commands
}

/// Lets a held request go: the tab's own navigation with the caller's headers, which are nobody else's to see.
pub(super) fn go_on(held: Held, profile: &Profile) -> Command {
    let mut params = json!({"requestId": held.id});
    if let HeldOf::Navigation(headers) = held.of {
        let is_callers = |name: &str| profile.headers.keys().any(|own| own.eq_ignore_ascii_case(name));
        let kept = headers.iter().filter(|(name, _)| !is_callers(name));
        let entries = kept.chain(&profile.headers).map(|(name, value)| json!({"name": name, "value": value}));
        params["headers"] = entries.collect();
    }
    ("Fetch.continueRequest", params)
}

/// The list the browser would make just this `Accept-Language` of, by adding qualities and missing base languages. Of
/// any other text it would make a different one, so that is sent as a header, and scripts see the browser's own languages.
fn languages(accept_language: &str) -> Option<String> {
    let entries: Vec<&str> = accept_language.split(',').map(str::trim).collect();
    let names: Vec<&str> = entries.iter().filter_map(|entry| entry.split(';').next()).collect();
    let is_as_made = |(at, entry): (usize, &&str)| {
        let tenths = 10_usize.saturating_sub(at).max(1);
        let made = if at == 0 { names[at].to_owned() } else { format!("{};q=0.{tenths}", names[at]) };
        let base = names[at].split('-').next().unwrap_or_default();
        let has_base =
            base == names[at] || names.get(at + 1).is_some_and(|next| next.split('-').next() == Some(base));
        **entry == *made && (has_base || names[..at].contains(&base))
    };
    entries.iter().enumerate().all(is_as_made).then(|| names.join(","))
}

pub(super) fn navigate(url: &str, profile: &Profile) -> Command {
    let mut params = json!({"url": url});
    if let Some(referer) = &profile.referer {
        params["referrer"] = json!(referer);
        // The caller's word, as it is.
        params["referrerPolicy"] = json!("unsafeUrl");
    }
    ("Page.navigate", params)
}

fn user_agent(profile: &Profile) -> Value {
    let text = profile.user_agent();
    let mut params = json!({
        "userAgent": text,
        "platform": navigator_platform(text),
    });
    if let Some(languages) = languages(profile.accept_language()) {
        params["acceptLanguage"] = json!(languages);
    }
    // Other engines send no client hints, and what says it is one of them must not.
    if let Some(version) = chromium_version(text) {
        params["userAgentMetadata"] = client_hints(text, version);
    }
    params
}

/// The major version a user agent of the Chromium family names.
fn chromium_version(user_agent: &str) -> Option<&str> {
    let (_, rest) = user_agent.split_once("Chrome/")?;
    rest.split(|character: char| !character.is_ascii_digit()).next().filter(|version| !version.is_empty())
}

/// What `Sec-CH-UA…` says (User-Agent Client Hints), in step with the user agent.
fn client_hints(user_agent: &str, version: &str) -> Value {
    json!({
        "brands": [{"brand": "Chromium", "version": version}, {"brand": "Not/A)Brand", "version": "24"}],
        "fullVersionList": [
            {"brand": "Chromium", "version": format!("{version}.0.0.0")},
            {"brand": "Not/A)Brand", "version": "24.0.0.0"},
        ],
        "platform": platform(user_agent),
        "platformVersion": "",
        "architecture": if is_phone(user_agent) { "" } else { "x86" },
        "model": "",
        "mobile": user_agent.contains(" Mobile"),
        "bitness": if is_phone(user_agent) { "" } else { "64" },
    })
}

fn is_phone(user_agent: &str) -> bool {
    matches!(platform(user_agent), "Android" | "iOS")
}

fn platform(user_agent: &str) -> &'static str {
    let known = [
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iOS"),
        ("Windows", "Windows"),
        ("Macintosh", "macOS"),
        ("CrOS", "Chrome OS"),
    ];
    known.iter().find(|(word, _)| user_agent.contains(word)).map_or("Linux", |(_, platform)| platform)
}

fn navigator_platform(user_agent: &str) -> &'static str {
    match platform(user_agent) {
        "Android" => "Linux armv81",
        "iOS" => "iPhone",
        "Windows" => "Win32",
        "macOS" => "MacIntel",
        _ => "Linux x86_64",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(commands: &[Command], method: &str) -> Option<Value> {
        commands.iter().find(|(name, _)| *name == method).map(|(_, params)| params.clone())
    }

    #[test]
    fn a_mobile_profile_is_mobile_in_every_respect() {
        let profile = Profile { form_factor: FormFactor::Mobile, ..Profile::default() };
        let commands = of_profile(&profile);
        let agent = find(&commands, "Emulation.setUserAgentOverride").unwrap();
        assert_eq!(agent["userAgentMetadata"]["mobile"], true);
        assert_eq!(agent["userAgentMetadata"]["platform"], "Android");
        assert_eq!(find(&commands, "Emulation.setDeviceMetricsOverride").unwrap()["mobile"], true);
        assert!(find(&commands, "Emulation.setTouchEmulationEnabled").is_some());
        assert!(find(&of_profile(&Profile::default()), "Emulation.setTouchEmulationEnabled").is_none());
    }

    #[test]
    fn client_hints_never_contradict_the_user_agent() {
        for (user_agent, hints) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
                Some(("141", "Windows")),
            ),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", None),
            ("Chrome/x", None),
        ] {
            let profile = Profile { user_agent: Some(user_agent.to_owned()), ..Profile::default() };
            let agent = find(&of_profile(&profile), "Emulation.setUserAgentOverride").unwrap();
            assert_eq!(agent["userAgent"], user_agent);
            let told = agent
                .get("userAgentMetadata")
                .map(|told| (told["brands"][0]["version"].clone(), told["platform"].clone()));
            assert_eq!(told, hints.map(|(version, platform)| (json!(version), json!(platform))));
        }
    }

    #[test]
    fn an_accept_language_arrives_as_it_was_given() {
        for (text, list) in [
            ("en-US,en;q=0.9", Some("en-US,en")),
            ("de", Some("de")),
            ("de-CH,de;q=0.9,en;q=0.8", Some("de-CH,de,en")),
            ("de-CH", None),
            ("en-US,en;q=0.5", None),
            ("de,*;q=0.1", None),
            ("", Some("")),
        ] {
            assert_eq!(languages(text).as_deref(), list, "{text}");
            let profile = Profile { accept_language: Some(text.to_owned()), ..Profile::default() };
            let commands = of_profile(&profile);
            let header = find(&commands, "Network.setExtraHTTPHeaders");
            let agent = find(&commands, "Emulation.setUserAgentOverride").unwrap();
            let header = header.map(|told| told["headers"]["Accept-Language"].clone());
            assert_eq!(header, list.is_none().then(|| json!(text)), "{text}");
            assert_eq!(agent.get("acceptLanguage").is_some(), list.is_some(), "{text}");
        }
    }

    #[test]
    fn referer_and_extra_headers_are_the_callers() {
        let profile = Profile {
            referer: Some("https://ads.example/x".to_owned()),
            headers: [("X-Extra".to_owned(), "1".to_owned())].into(),
            ..Profile::default()
        };
        assert!(find(&of_profile(&profile), "Network.setExtraHTTPHeaders").is_none(), "not to everybody");
        assert!(find(&of_profile(&profile), "Fetch.enable").is_some());
        assert!(find(&of_profile(&Profile::default()), "Fetch.enable").is_none());
        let (_, params) = navigate("https://a.test/", &profile);
        assert_eq!(
            (&params["referrer"], &params["url"]),
            (&json!("https://ads.example/x"), &json!("https://a.test/"))
        );
        assert!(navigate("https://a.test/", &Profile::default()).1.get("referrer").is_none());
    }

    #[test]
    fn only_the_tabs_own_navigation_carries_the_callers_headers() {
        let profile = Profile {
            headers: [("X-Extra".to_owned(), "1".to_owned()), ("DNT".to_owned(), "1".to_owned())].into(),
            ..Profile::default()
        };
        let headers = [("Accept".to_owned(), "text/html".to_owned()), ("dnt".to_owned(), "0".to_owned())];
        let own = Held { id: "i1".to_owned(), of: HeldOf::Navigation(headers.into()) };
        let (method, params) = go_on(own, &profile);
        assert_eq!((method, &params["requestId"]), ("Fetch.continueRequest", &json!("i1")));
        let pair = |name: &str, value: &str| json!({"name": name, "value": value});
        assert_eq!(
            params["headers"],
            json!([pair("Accept", "text/html"), pair("DNT", "1"), pair("X-Extra", "1")])
        );
        let (_, params) = go_on(Held { id: "i2".to_owned(), of: HeldOf::Other }, &profile);
        assert_eq!(params, json!({"requestId": "i2"}));
    }
}
