//! Verification that a page is made of. A box beside ordinary content is no gate: a page is one only when a sign stands
//! that stands nowhere else, when the answer refuses and names a vendor, or when a box is shown and nothing is there to fill
//! in and next to nothing to read.

use super::table::{PAGE, PageSign, Place, Weight};
use crate::html::StartTag;

/// Characters of visible text, white space aside, that a page around a verification box has at most.
const TEXT_CHARS_MAX: usize = 600;

/// What ordinary content a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ordinary {
    /// Fields a visitor could fill in.
    pub(crate) fields: usize,
    /// Characters of visible text, white space aside.
    pub(crate) text_chars: usize,
    pub(crate) provider: ProviderHabit,
    pub(crate) status: u16,
}

impl Ordinary {
    /// Whether the answer is one that verification comes with. 202 is how some ask for it.
    const fn is_refusal(self) -> bool {
        self.status >= 400 || self.status == 202
    }

    const fn is_bare(self) -> bool {
        self.text_chars <= TEXT_CHARS_MAX
    }
}

/// What the page's provider is known for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProviderHabit {
    Plain,
    /// It puts verification before its links.
    Gated,
}

/// The heaviest sign of verification met in a page; of equals the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct GateSigns(Option<(Weight, &'static str)>);

impl GateSigns {
    /// Looks at an element. A box that calls itself invisible asks nobody anything until a script calls it.
    pub(crate) fn see(&mut self, tag: &StartTag) {
        let is_invisible = tag.attribute(b"data-size").is_some_and(|size| size == b"invisible");
        let weight_max = if is_invisible { Weight::Loaded } else { Weight::Whole };
        for class in tag.attribute(b"class").unwrap_or_default().split(u8::is_ascii_whitespace) {
            self.weigh(Place::Class, weight_max, |text| text.as_bytes() == class);
        }
        if let Some(id) = tag.attribute(b"id") {
            self.weigh(Place::Id, weight_max, |text| text.as_bytes() == id);
        }
        if let Some((place, value)) = reference(tag) {
            self.see_part(place, value);
        }
    }

    /// Looks at the text of inline scripts.
    pub(crate) fn see_inline(&mut self, script: &[u8]) {
        self.see_part(Place::Inline, script);
    }

    /// The vendor whose verification the page is.
    pub(crate) fn vendor(self, ordinary: Ordinary) -> Option<&'static str> {
        let (weight, vendor) = self.0?;
        let is_gated = ordinary.provider == ProviderHabit::Gated;
        let is_gate = match weight {
            Weight::Whole => true,
            Weight::Likely if ordinary.is_refusal() => true,
            _ if ordinary.fields > 0 => false,
            Weight::Likely | Weight::Shown => ordinary.is_bare() || is_gated,
            Weight::Loaded => is_gated,
        };
        is_gate.then_some(vendor)
    }

    /// Whether nothing in the page may be run: a sign was met that stands nowhere but in verification, or the answer refuses
    /// as its pages do.
    pub(crate) fn is_certain(self, ordinary: Ordinary) -> bool {
        self.0.is_some_and(|(weight, _)| match weight {
            Weight::Whole => true,
            Weight::Likely => ordinary.is_refusal(),
            Weight::Shown | Weight::Loaded => false,
        })
    }

    /// The vendor whose verification the page is, once its scripts have run and it has gone nowhere: a refusal that loads the
    /// vendor's script shows a box that the script makes.
    pub(crate) fn vendor_in_the_end(self, ordinary: Ordinary) -> Option<&'static str> {
        let is_asked = ordinary.is_refusal() && ordinary.fields == 0;
        self.vendor(ordinary).or_else(|| self.0.filter(|_| is_asked).map(|(_, vendor)| vendor))
    }

    fn see_part(&mut self, place: Place, value: &[u8]) {
        let value = String::from_utf8_lossy(value);
        self.weigh(place, Weight::Whole, |text| value.contains(text));
    }

    fn weigh(&mut self, place: Place, weight_max: Weight, is_met: impl Fn(&str) -> bool) {
        let met = |sign: &&PageSign| sign.place == place && is_met(sign.text);
        for sign in PAGE.iter().filter(met) {
            let weight = if sign.weight == Weight::Whole { sign.weight } else { sign.weight.min(weight_max) };
            if self.0.is_none_or(|(heaviest, _)| heaviest < weight) {
                self.0 = Some((weight, sign.vendor));
            }
        }
    }
}

fn reference(tag: &StartTag) -> Option<(Place, &[u8])> {
    let (place, name) = match tag.name() {
        b"script" => (Place::Script, &b"src"[..]),
        b"iframe" | b"frame" => (Place::Frame, &b"src"[..]),
        b"form" => (Place::Action, &b"action"[..]),
        _ => return None,
    };
    tag.attribute(name).map(|value| (place, value))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::{
        html::{ContentType, Document, DocumentKind, read_page},
        schedule::RefreshSchedule,
    };

    fn read(body: &str) -> (GateSigns, Ordinary) {
        let url = Url::parse("http://a.test/x").unwrap();
        let content_type = ContentType::default();
        let kind = DocumentKind::Html;
        let document = Document { url: &url, kind, content_type: &content_type, body: body.as_bytes() };
        let signs = read_page(document, RefreshSchedule::default()).signs;
        let provider = ProviderHabit::Plain;
        let (fields, text_chars) = (signs.fields, signs.text_chars);
        (signs.gate, Ordinary { fields, text_chars, provider, status: 200 })
    }

    fn vendor_at(provider: ProviderHabit, body: &str) -> Option<&'static str> {
        let (signs, ordinary) = read(body);
        signs.vendor(Ordinary { provider, ..ordinary })
    }

    fn vendor(body: &str) -> Option<&'static str> {
        vendor_at(ProviderHabit::Plain, body)
    }

    #[test]
    fn pages_that_are_verification_name_their_vendor() {
        for (body, expected) in [
            ("<title>Just a moment...</title><script>window._cf_chl_opt={cvId:'3'}</script>", "cloudflare"),
            (
                "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=1'></script>",
                "cloudflare",
            ),
            ("<p>Verify you are human</p><div class='x cf-turnstile' data-sitekey=1></div>", "cloudflare"),
            (
                "<script>var dd={'host':'geo.captcha-delivery.com'}</script><script src='https://ct.captcha-delivery.com/c.js'></script>",
                "datadome",
            ),
            ("<iframe src='https://geo.captcha-delivery.com/captcha/?cid=1'></iframe>", "datadome"),
            ("<h1>Press &amp; Hold</h1><div id='px-captcha'></div>", "human"),
            ("<script src='https://captcha.px-cdn.net/PX1/captcha.js'></script>", "human"),
            ("<div id='sec-if-cpt-container'></div>", "akamai"),
            ("<script>fetch('/_sec/verify?provider=interstitial')</script>", "akamai"),
            ("<iframe id='main-iframe' src='/_Incapsula_Resource?CWUDNSAI=23&xinfo=1'></iframe>", "imperva"),
            ("<script>window.gokuProps={key:'x'}</script>", "aws_waf"),
            ("<script>KPSDK.message('x')</script>", "kasada"),
            ("<form action='/errors/validateCaptcha'><input name=field-keywords></form>", "amazon"),
            ("<script id='anubis_challenge' type='application/json'>{}</script>", "anubis"),
            (
                "<form><div class='g-recaptcha' data-sitekey=1></div><textarea name='g-recaptcha-response'></textarea><input type=submit></form>",
                "recaptcha",
            ),
            ("<p>One more step</p><div class='h-captcha'></div>", "hcaptcha"),
            ("<iframe src='https://client-api.arkoselabs.com/fc/gc/?token=1'></iframe>", "arkose"),
            ("<div class='geetest_captcha'></div>", "geetest"),
            ("<div class='smart-captcha'></div>", "yandex"),
            ("<div id='TencentCaptcha'></div>", "tencent"),
            ("<div class='frc-captcha'></div>", "friendly_captcha"),
        ] {
            assert_eq!(vendor(body), Some(expected), "{body}");
        }
    }

    #[test]
    fn a_box_beside_ordinary_content_is_no_gate() {
        let article = "word ".repeat(200);
        for body in [
            "<form><input name=email><input type=password><div class='g-recaptcha'></div></form>".to_owned(),
            "<form><textarea name=message></textarea><div class='h-captcha'></div></form>".to_owned(),
            "<form><select></select><div class='cf-turnstile'></div></form>".to_owned(),
            format!("<article>{article}</article><div class='g-recaptcha'></div>"),
            "<div id=root></div><div class='g-recaptcha' data-size='invisible'></div>".to_owned(),
            "<script src='https://www.google.com/recaptcha/api.js?render=k'></script><p>Hello".to_owned(),
            "<script src='https://challenges.cloudflare.com/turnstile/v0/api.js'></script>".to_owned(),
            "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script><p>Hello".to_owned(),
            "<script src='/_Incapsula_Resource?SWJIYLWA=1'></script><p>Hello".to_owned(),
            "<script>window._pxAppId='PX1'</script><p>Hello".to_owned(),
            "<!-- <div class='g-recaptcha'></div> --><p>Hello".to_owned(),
            "<template><div class='g-recaptcha'></div></template><p>Hello".to_owned(),
            "<noscript><div class='g-recaptcha'></div></noscript><p>Hello".to_owned(),
            "<p>g-recaptcha h-captcha px-captcha _cf_chl_opt".to_owned(),
            "<p class='g-recaptcha-docs'>How to use it</p>".to_owned(),
        ] {
            assert_eq!(vendor(&body), None, "{body}");
        }
    }

    #[test]
    fn a_vendor_named_in_an_ordinary_page_is_no_gate_unless_the_answer_refuses() {
        let article = "word ".repeat(200);
        for body in [
            format!("<script>allowed=['ct.captcha-delivery.com']</script><p>{article}"),
            format!("<script>if(window._cf_chl_opt){{}}</script><p>{article}"),
            format!("<script>var detected=!!window.gokuProps</script><p>{article}"),
            "<script>connect='captcha-delivery.com'</script><form><input name=q></form>".to_owned(),
            "<script src='/cdn-cgi/challenge-platform/h/b/scripts/jsd/main.js'></script><p>Hello".to_owned(),
        ] {
            assert_eq!(vendor(&body), None, "{body}");
        }
        let (signs, ordinary) =
            read(&format!("<script>x={{host:'geo.captcha-delivery.com'}}</script><p>{article}"));
        for (status, expected) in
            [(200, None), (202, Some("datadome")), (403, Some("datadome")), (503, Some("datadome"))]
        {
            let ordinary = Ordinary { status, ..ordinary };
            assert_eq!(signs.vendor(ordinary), expected, "{status}");
            assert_eq!(signs.is_certain(ordinary), expected.is_some(), "{status}");
        }
    }

    #[test]
    fn a_refusal_that_loads_a_vendor_is_its_gate_when_its_scripts_have_run() {
        let (signs, ordinary) =
            read("<div id=root></div><script src='https://js.hcaptcha.com/1/api.js'></script>");
        let at = |status| signs.vendor_in_the_end(Ordinary { status, ..ordinary });
        assert_eq!((at(200), at(403)), (None, Some("hcaptcha")));
        assert_eq!(signs.vendor(Ordinary { status: 403, ..ordinary }), None, "it may go on by itself");
        let (signs, ordinary) =
            read("<form><input name=q></form><script src='https://js.hcaptcha.com/1/api.js'></script>");
        assert_eq!(signs.vendor_in_the_end(Ordinary { status: 403, ..ordinary }), None);
    }

    #[test]
    fn a_provider_known_for_gates_needs_less() {
        let gated = |body: &str| vendor_at(ProviderHabit::Gated, body);
        let loaded = "<script src='https://www.google.com/recaptcha/api.js?render=k'></script>";
        assert_eq!(gated(&format!("{loaded}<p>{}", "ad ".repeat(900))), Some("recaptcha"));
        assert_eq!(gated(&format!("{loaded}<input name=email>")), None, "a form of its own");
        assert_eq!(gated("<p>Hello"), None);
    }
}
