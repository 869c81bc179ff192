//! What human verification is known by: one row a sign, by vendor. Facts from the vendors' documentation and pages.
//! tidy: data table

/// A response header that only verification carries, on any of `statuses` (all, when empty).
pub(super) struct HeaderSign {
    pub(super) vendor: &'static str,
    pub(super) name: &'static str,
    /// Lowercase; `None` when the header alone says it.
    pub(super) value: Option<&'static str>,
    pub(super) statuses: &'static [u16],
}

pub(super) const HEADERS: [HeaderSign; 9] = [
    HeaderSign { vendor: "cloudflare", name: "cf-mitigated", value: Some("challenge"), statuses: &[] },
    HeaderSign { vendor: "aws_waf", name: "x-amzn-waf-action", value: Some("captcha"), statuses: &[] },
    HeaderSign { vendor: "aws_waf", name: "x-amzn-waf-action", value: Some("challenge"), statuses: &[] },
    HeaderSign { vendor: "vercel", name: "x-vercel-mitigated", value: Some("challenge"), statuses: &[] },
    HeaderSign { vendor: "datadome", name: "x-dd-b", value: None, statuses: &[401, 403, 405, 429] },
    HeaderSign { vendor: "datadome", name: "x-datadome", value: Some("protected"), statuses: &[403, 405] },
    HeaderSign { vendor: "kasada", name: "x-kpsdk-ct", value: None, statuses: &[403, 429] },
    HeaderSign { vendor: "kasada", name: "x-kpsdk-r", value: None, statuses: &[403, 429] },
    HeaderSign { vendor: "akamai", name: "akamai-sec-cpt", value: None, statuses: &[428, 429] },
];

/// A place that shows nothing else.
pub(super) struct PlaceSign {
    pub(super) vendor: &'static str,
    /// A host pattern.
    pub(super) host: &'static str,
    /// Prefix of the path, or a part of it when it begins with `*`.
    pub(super) path: &'static str,
}

pub(super) const PLACES: [PlaceSign; 11] = [
    PlaceSign { vendor: "google", host: "google.*", path: "/sorry/" },
    PlaceSign { vendor: "amazon", host: "amazon.*", path: "/errors/validateCaptcha" },
    PlaceSign { vendor: "yandex", host: "yandex.*", path: "/showcaptcha" },
    PlaceSign { vendor: "yandex", host: "*.ya.ru", path: "/showcaptcha" },
    PlaceSign { vendor: "datadome", host: "*.captcha-delivery.com", path: "/" },
    PlaceSign { vendor: "human", host: "*.px-cloud.net", path: "/captcha" },
    PlaceSign { vendor: "alibaba", host: "*", path: "*/_____tmd_____/punish" },
    PlaceSign { vendor: "baidu", host: "wappass.baidu.com", path: "/static/captcha" },
    PlaceSign { vendor: "arkose", host: "*.arkoselabs.com", path: "/fc/" },
    PlaceSign { vendor: "hcaptcha", host: "*.hcaptcha.com", path: "/captcha/" },
    PlaceSign { vendor: "cloudflare", host: "*", path: "/cdn-cgi/challenge-platform/h/" },
];

/// How much a sign in a page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// The vendor's script is loaded; most pages that do so ask nobody anything.
    Loaded,
    /// A box is shown: beside a form, or alone.
    Shown,
    /// Stands in the verification's own pages, and in other sites' lists of what they load: it counts where the answer
    /// refuses, or next to nothing else is there.
    Likely,
    /// Stands only in pages that are the verification.
    Whole,
}

/// Where a sign in a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// One of an element's classes.
    Class,
    Id,
    /// Part of the `src` of a script.
    Script,
    /// Part of the `src` of a frame.
    Frame,
    /// Part of the `action` of a form.
    Action,
    /// Part of an inline script.
    Inline,
}

pub(super) struct PageSign {
    pub(super) vendor: &'static str,
    pub(super) place: Place,
    pub(super) text: &'static str,
    pub(super) weight: Weight,
}

const fn sign(vendor: &'static str, place: Place, text: &'static str, weight: Weight) -> PageSign {
    PageSign { vendor, place, text, weight }
}

use Place::{Action, Class, Frame, Id, Inline, Script};
use Weight::{Likely, Loaded, Shown, Whole};

pub(super) const PAGE: [PageSign; 55] = [
    sign("akamai", Id, "sec-cpt-if", Whole),
    sign("akamai", Id, "sec-if-cpt-container", Whole),
    sign("akamai", Inline, "/_sec/verify?provider=interstitial", Likely),
    sign("akamai", Script, "/_sec/cp_challenge/", Likely),
    sign("akamai", Frame, "/_sec/cp_challenge/", Whole),
    sign("amazon", Action, "/errors/validateCaptcha", Whole),
    sign("anubis", Id, "anubis_challenge", Whole),
    sign("arkose", Frame, ".arkoselabs.com/", Shown),
    sign("arkose", Frame, ".funcaptcha.com/", Shown),
    sign("arkose", Id, "FunCaptcha", Shown),
    sign("arkose", Id, "arkose-challenge", Shown),
    sign("arkose", Script, ".arkoselabs.com/", Loaded),
    sign("arkose", Script, ".funcaptcha.com/", Loaded),
    sign("aws_waf", Inline, "gokuProps", Likely),
    sign("aws_waf", Script, ".captcha.awswaf.com/", Loaded),
    sign("cloudflare", Inline, "_cf_chl_opt", Likely),
    sign("cloudflare", Script, "/orchestrate/chl_", Likely),
    sign("cloudflare", Class, "cf-turnstile", Shown),
    sign("cloudflare", Script, "challenges.cloudflare.com/turnstile/", Loaded),
    sign("datadome", Frame, "captcha-delivery.com/", Whole),
    sign("datadome", Inline, "captcha-delivery.com", Likely),
    sign("datadome", Script, "ct.captcha-delivery.com/", Likely),
    sign("ddos_guard", Script, "/.well-known/ddos-guard/js-challenge", Likely),
    sign("friendly_captcha", Class, "frc-captcha", Shown),
    sign("geetest", Class, "geetest_captcha", Shown),
    sign("geetest", Class, "geetest_holder", Shown),
    sign("geetest", Id, "geetest-captcha", Shown),
    sign("geetest", Script, "static.geetest.com/", Loaded),
    sign("geetest", Script, "api.geetest.com/", Loaded),
    sign("hcaptcha", Class, "h-captcha", Shown),
    sign("hcaptcha", Frame, ".hcaptcha.com/captcha/", Shown),
    sign("hcaptcha", Script, "hcaptcha.com/1/api.js", Loaded),
    sign("human", Id, "px-captcha", Whole),
    sign("human", Id, "px-captcha-wrapper", Whole),
    sign("human", Script, "captcha.px-cdn.net/", Likely),
    sign("human", Script, "captcha.px-cloud.net/", Likely),
    sign("imperva", Frame, "/_Incapsula_Resource?", Whole),
    sign("kasada", Inline, "KPSDK.message", Likely),
    sign("mtcaptcha", Class, "mtcaptcha", Shown),
    sign("mtcaptcha", Script, "service.mtcaptcha.com/", Loaded),
    sign("recaptcha", Class, "g-recaptcha", Shown),
    sign("recaptcha", Frame, "google.com/recaptcha/", Shown),
    sign("recaptcha", Frame, "recaptcha.net/recaptcha/", Shown),
    sign("recaptcha", Script, "google.com/recaptcha/", Loaded),
    sign("recaptcha", Script, "recaptcha.net/recaptcha/", Loaded),
    sign("solvemedia", Id, "adcopy-outer", Shown),
    sign("solvemedia", Script, "api.solvemedia.com/", Loaded),
    sign("tencent", Id, "TencentCaptcha", Shown),
    sign("tencent", Id, "tcaptcha_iframe", Shown),
    sign("tencent", Script, "captcha.qcloud.com/", Loaded),
    sign("tencent", Script, "captcha.gtimg.com/", Loaded),
    sign("yandex", Action, "/checkcaptcha", Whole),
    sign("yandex", Class, "smart-captcha", Shown),
    sign("yandex", Id, "captcha-container", Loaded),
    sign("yandex", Script, "smartcaptcha.yandexcloud.net/", Loaded),
];
