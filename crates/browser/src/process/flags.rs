//! The command line the browser is started with: what keeps it from speaking to anybody but the link's proxy.

use std::path::Path;

use crate::config::Sandbox;

/// A host that exists nowhere: the browser's own services are pointed at it, and the proxy refuses it unasked.
pub(crate) const NOWHERE: &str = "browser.invalid";

/// Whatever is no link's is sent to a proxy whose name resolves to nothing, so that it ends before a socket is opened.
const NO_WAY_OUT: [&str; 5] = [
    "--proxy-server=socks5://browser.invalid:1",
    // Loopback is not exempt from the proxy, as it is by default.
    "--proxy-bypass-list=<-loopback>",
    // Names are the proxy's to resolve; `127.0.0.1` is where the links' proxies listen.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
];

const FIXED: [&str; 37] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-startup-window",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    "--no-pings",
    "--block-new-web-contents",
    "--deny-permission-prompts",
    "--mute-audio",
    "--hide-scrollbars",
    "--password-store=basic",
    "--use-mock-keychain",
    "--metrics-recording-only",
    "--disable-quic",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-component-update",
    "--disable-component-extensions-with-background-pages",
    "--disable-background-networking",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--disable-field-trial-config",
    "--disable-search-engine-choice-screen",
    "--disable-notifications",
    "--disable-print-preview",
    "--disable-hang-monitor",
    "--disable-back-forward-cache",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    // One process a link: frames of other sites share it, so that virtual time reaches them. Links share none.
    "--disable-site-isolation-trials",
    "--allow-browser-signin=false",
];

/// Services of the vendor a whole browser asks by itself.
const VENDOR_SERVICES: [&str; 5] =
    ["gaia-url", "google-url", "google-base-url", "google-apis-url", "oauth-account-manager-url"];

const FEATURES_OFF: [&str; 28] = [
    "AcceptCHFrame",
    "AsyncDns",
    "AutofillServerCommunication",
    "CertificateTransparencyComponentUpdater",
    "DialMediaRouteProvider",
    "DnsOverHttps",
    "FedCm",
    "GlobalMediaControls",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "InterestFeedContentSuggestions",
    "IsolateOrigins",
    "LensOverlay",
    "MediaRouter",
    "NavigationPredictor",
    "OptimizationHints",
    "OptimizationGuideModelDownloading",
    "PaintHolding",
    "PreconnectToSearch",
    "Prerender2",
    "PrivacySandboxSettings4",
    "SafeBrowsingRealTimeUrlLookup",
    "SpeculationRulesPrefetchFuture",
    "Translate",
    "WebBluetooth",
    // Its names are answered by multicast; there is no address to hide where UDP has no way out.
    "WebRtcHideLocalIpsWithMdns",
    "WebUsb",
    "site-per-process",
];

/// Every argument, for a profile folder of its own.
pub(crate) fn arguments(profile: &Path, sandbox: Sandbox) -> Vec<String> {
    let mut arguments: Vec<String> = FIXED.iter().chain(&NO_WAY_OUT).map(|flag| (*flag).to_owned()).collect();
    arguments.extend(VENDOR_SERVICES.iter().map(|name| format!("--{name}=https://{NOWHERE}/")));
    arguments.push(format!("--disable-features={}", FEATURES_OFF.join(",")));
    arguments.push(format!("--user-data-dir={}", profile.display()));
    if sandbox == Sandbox::Off {
        arguments.push("--no-sandbox".to_owned());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sandbox: Sandbox) -> Vec<String> {
        arguments(Path::new("/p"), sandbox)
    }

    #[test]
    fn the_sandbox_is_on_unless_turned_off_by_hand() {
        let is_unsafe = |flag: &String| flag.contains("no-sandbox") || flag.contains("sandbox=");
        assert!(!of(Sandbox::On).iter().any(is_unsafe));
        assert!(of(Sandbox::Off).contains(&"--no-sandbox".to_owned()));
        assert_eq!(of(Sandbox::Off).len(), of(Sandbox::On).len() + 1);
    }

    #[test]
    fn nothing_leads_around_the_proxy_and_no_flag_is_said_twice() {
        let flags = of(Sandbox::On);
        for needed in [
            "--proxy-server=socks5://browser.invalid:1",
            "--proxy-bypass-list=<-loopback>",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
            "--disable-quic",
            "--remote-debugging-pipe",
            "--gaia-url=https://browser.invalid/",
            "--user-data-dir=/p",
        ] {
            assert!(flags.iter().any(|flag| flag == needed), "{needed}");
        }
        assert!(!flags.iter().any(|flag| flag.starts_with("--remote-debugging-port")));
        let mut names: Vec<&str> = flags.iter().filter_map(|flag| flag.split('=').next()).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
