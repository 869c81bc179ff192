//! Device, operating system and browser of a `User-Agent`, by its tokens in order of how telling they are.
//!
//! tidy: data table
//! A table of our own: agents freeze everything finer than this, and published parsers are either unkept or megabytes of patterns.

use hopline_domain::click::{Agent, Device};

/// A browser's token and name. Those that dress up as another come before the one they dress up as.
const BROWSERS: &[(&str, &str)] = &[
    ("edg/", "Edge"),
    ("edga/", "Edge"),
    ("edgios/", "Edge"),
    ("edge/", "Edge"),
    ("opr/", "Opera"),
    ("opt/", "Opera"),
    ("opios/", "Opera"),
    ("opera mini", "Opera Mini"),
    ("opera", "Opera"),
    ("samsungbrowser/", "Samsung Internet"),
    ("miuibrowser/", "MIUI Browser"),
    ("huaweibrowser/", "Huawei Browser"),
    ("heytapbrowser/", "HeyTap Browser"),
    ("vivobrowser/", "Vivo Browser"),
    ("ucbrowser/", "UC Browser"),
    ("ucweb", "UC Browser"),
    ("yabrowser/", "Yandex Browser"),
    ("vivaldi/", "Vivaldi"),
    ("whale/", "Whale"),
    ("brave/", "Brave"),
    ("duckduckgo/", "DuckDuckGo"),
    ("ddg/", "DuckDuckGo"),
    ("ecosia", "Ecosia"),
    ("silk/", "Silk"),
    ("qqbrowser/", "QQ Browser"),
    ("metasr", "Sogou Explorer"),
    ("coc_coc_browser/", "Coc Coc"),
    ("instagram", "Instagram"),
    ("fban/", "Facebook"),
    ("fbav/", "Facebook"),
    ("fb_iab", "Facebook"),
    ("musical_ly", "TikTok"),
    ("bytedancewebview", "TikTok"),
    ("trill_", "TikTok"),
    ("linkedinapp", "LinkedIn"),
    ("pinterest/", "Pinterest"),
    ("snapchat/", "Snapchat"),
    ("micromessenger/", "WeChat"),
    ("line/", "LINE"),
    ("kakaotalk", "KakaoTalk"),
    ("gsa/", "Google App"),
    ("focus/", "Firefox Focus"),
    ("klar/", "Firefox Focus"),
    ("fxios/", "Firefox"),
    ("seamonkey/", "SeaMonkey"),
    ("palemoon/", "Pale Moon"),
    ("firefox/", "Firefox"),
    ("thunderbird/", "Thunderbird"),
    ("outlook", "Outlook"),
    ("electron/", "Electron"),
    ("crios/", "Chrome"),
    ("chromium/", "Chromium"),
    ("; wv)", "Android WebView"),
    ("chrome/", "Chrome"),
    ("trident/", "Internet Explorer"),
    ("msie ", "Internet Explorer"),
    ("konqueror/", "Konqueror"),
    ("epiphany/", "GNOME Web"),
    ("version/", "Safari"),
    ("safari/", "Safari"),
    ("applewebkit/", "WebView"),
];

/// An operating system's token, its name, and the device it means where nothing else says so.
const SYSTEMS: &[(&str, &str, Device)] = &[
    ("xbox", "Xbox", Device::Console),
    ("playstation", "PlayStation", Device::Console),
    ("nintendo", "Nintendo", Device::Console),
    ("windows phone", "Windows Phone", Device::Mobile),
    ("windows", "Windows", Device::Desktop),
    ("watch os", "watchOS", Device::Wearable),
    ("watchos", "watchOS", Device::Wearable),
    ("ipad", "iPadOS", Device::Tablet),
    ("iphone", "iOS", Device::Mobile),
    ("ipod", "iOS", Device::Mobile),
    ("apple tv", "tvOS", Device::Tv),
    ("appletv", "tvOS", Device::Tv),
    ("mac os x", "macOS", Device::Desktop),
    ("macintosh", "macOS", Device::Desktop),
    ("tizen", "Tizen", Device::Tv),
    ("web0s", "webOS", Device::Tv),
    ("webos", "webOS", Device::Tv),
    ("roku", "Roku", Device::Tv),
    ("kaios", "KaiOS", Device::Mobile),
    ("harmonyos", "HarmonyOS", Device::Mobile),
    ("openharmony", "HarmonyOS", Device::Mobile),
    ("android", "Android", Device::Tablet),
    ("cros", "ChromeOS", Device::Desktop),
    ("ubuntu", "Linux", Device::Desktop),
    ("linux", "Linux", Device::Desktop),
    ("x11", "Unix", Device::Desktop),
    ("freebsd", "FreeBSD", Device::Desktop),
    ("openbsd", "OpenBSD", Device::Desktop),
];

/// Words that say more of the device than the system does.
const DEVICES: &[(&str, Device)] = &[
    ("smart-tv", Device::Tv),
    ("smarttv", Device::Tv),
    ("smart tv", Device::Tv),
    ("googletv", Device::Tv),
    ("google tv", Device::Tv),
    ("android tv", Device::Tv),
    ("aftt", Device::Tv),
    ("afts", Device::Tv),
    ("aftm", Device::Tv),
    ("bravia", Device::Tv),
    ("hbbtv", Device::Tv),
    ("crkey", Device::Tv),
    ("wear os", Device::Wearable),
    ("sm-r8", Device::Wearable),
    ("sm-r9", Device::Wearable),
    ("quest", Device::Wearable),
    ("tablet", Device::Tablet),
    ("kindle", Device::Tablet),
    ("kfapwi", Device::Tablet),
];

/// Reads a `User-Agent` in lower case.
pub(super) fn read(user_agent: &str) -> Agent {
    let browser = BROWSERS.iter().find(|(token, _)| user_agent.contains(token));
    let system = SYSTEMS.iter().find(|(token, _, _)| user_agent.contains(token));
    Agent {
        device: device(user_agent, system.map(|(_, _, device)| *device)),
        os: system.map(|(_, name, _)| (*name).to_owned()),
        browser: browser.map(|(_, name)| (*name).to_owned()),
    }
}

fn device(user_agent: &str, of_system: Option<Device>) -> Device {
    if let Some((_, device)) = DEVICES.iter().find(|(token, _)| user_agent.contains(token)) {
        return *device;
    }
    match of_system {
        // Android phones say `Mobile`, tablets don't; so do Firefox and Samsung's.
        Some(Device::Tablet) if user_agent.contains("android") && user_agent.contains("mobile") => {
            Device::Mobile
        }
        Some(Device::Tv) | None if user_agent.contains("mobile") => Device::Mobile,
        Some(device) => device,
        None => Device::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(user_agent: &str) -> (Device, Option<String>, Option<String>) {
        let agent = read(&user_agent.to_lowercase());
        (agent.device, agent.os, agent.browser)
    }

    /// Agent, device, system, browser.
    const SAMPLES: &[(&str, Device, &str, &str)] = &[
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
            Device::Desktop,
            "Windows",
            "Chrome",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
            Device::Desktop,
            "Windows",
            "Edge",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
            Device::Desktop,
            "macOS",
            "Safari",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
            Device::Desktop,
            "Linux",
            "Firefox",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            Device::Mobile,
            "iOS",
            "Safari",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.35 Mobile/15E148 Safari/604.1",
            Device::Mobile,
            "iOS",
            "Chrome",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1",
            Device::Tablet,
            "iPadOS",
            "Safari",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
            Device::Mobile,
            "Android",
            "Chrome",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
            Device::Tablet,
            "Android",
            "Chrome",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
            Device::Mobile,
            "Android",
            "Samsung Internet",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0.0.0 Mobile Safari/537.36 Instagram 334.0.0.42.95 Android",
            Device::Mobile,
            "Android",
            "Instagram",
        ),
        (
            "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/4.0 Chrome/76.0.3809.146 TV Safari/537.36",
            Device::Tv,
            "Tizen",
            "Samsung Internet",
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
            Device::Desktop,
            "ChromeOS",
            "Chrome",
        ),
        (
            "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
            Device::Desktop,
            "Windows",
            "Internet Explorer",
        ),
        (
            "Mozilla/5.0 (PlayStation; PlayStation 5/6.50) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15",
            Device::Console,
            "PlayStation",
            "Safari",
        ),
    ];

    #[test]
    fn common_agents_are_what_they_are() {
        for (user_agent, device, os, browser) in SAMPLES {
            let expected = (*device, Some((*os).to_owned()), Some((*browser).to_owned()));
            assert_eq!(of(user_agent), expected, "{user_agent}");
        }
        assert_eq!(of("curl/8.5.0"), (Device::Unknown, None, None));
    }
}
