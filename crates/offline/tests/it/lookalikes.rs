//! Links that look like wrappers and are none: a wrong destination is worse than none.

use hopline_offline::Rules;
use url::Url;

const B: &str = "https%3A%2F%2Fexample.com%2Fa";

/// Each with why it must stay as it is. `{B}` is an escaped `https://example.com/a`.
const LOOKALIKES: &[(&str, &str)] = &[
    // Shares: the parameter is what is talked about.
    ("share", "https://www.facebook.com/sharer/sharer.php?u={B}"),
    ("share", "https://www.facebook.com/dialog/share?app_id=1&href={B}"),
    ("share", "https://twitter.com/intent/tweet?url={B}&text=x"),
    ("share", "https://x.com/share?url={B}"),
    ("share", "https://www.linkedin.com/shareArticle?mini=true&url={B}"),
    ("share", "https://www.linkedin.com/sharing/share-offsite/?url={B}"),
    ("share", "https://pinterest.com/pin/create/button/?url={B}&media=https%3A%2F%2Fcdn.com%2Fx.jpg"),
    ("share", "https://www.reddit.com/submit?url={B}&title=x"),
    ("share", "https://t.me/share/url?url={B}"),
    ("share", "https://news.ycombinator.com/submitlink?u={B}&t=x"),
    ("share", "https://blog.site.com/share/link?url={B}"),
    ("share", "https://site.com/go?url={B}&title=Hello"),
    ("share", "https://api.whatsapp.com/send?text={B}"),
    // Logins: where one comes back to is not where the link leads.
    ("login", "https://accounts.google.com/ServiceLogin?continue={B}"),
    ("login", "https://login.site.com/?next={B}"),
    ("login", "https://site.com/login?redirect={B}"),
    ("login", "https://site.com/account/go?return={B}"),
    ("login", "https://sso.site.com/cas/login?url={B}"),
    ("login", "https://id.site.com/redirect?client_id=1&redirect_uri={B}&response_type=code"),
    ("login", "https://site.com/oauth/authorize?redirect_uri={B}"),
    ("login", "https://site.com/logout?redirect_to={B}"),
    ("login", "https://site.com/r?SAMLRequest=x&redirect={B}"),
    ("survey", "https://survey.site.com/out?redirect_url={B}"),
    // Archives, translators, proxies.
    ("archive", "https://web.archive.org/web/2020/https://example.com/a"),
    ("archive", "https://web.archive.org/save?url={B}"),
    ("archive", "https://archive.ph/?url={B}"),
    ("translation", "https://translate.google.com/translate?sl=auto&tl=en&u={B}"),
    ("translation", "https://translate.google.co.uk/website?sl=de&u={B}"),
    ("proxy", "https://proxy.site.com/go?url={B}"),
    ("proxy", "https://site.com/cors-proxy/?url={B}"),
    (
        "translation",
        "https://translated.turbopages.org/proxy_u/en-ru.ru.0dc0c163-69d2473f/https/example.com/a",
    ),
    ("reader", "https://r.jina.ai/https://example.com/a"),
    // Tools that look at a link.
    ("validator", "https://validator.w3.org/nu/?doc={B}"),
    ("validator", "https://validator.w3.org/checklink?uri={B}"),
    ("test", "https://pagespeed.web.dev/report?url={B}"),
    ("test", "https://www.site.com/link-checker?url={B}"),
    ("test", "https://www.virustotal.com/gui/search?url={B}"),
    ("test", "https://redirect-checker.org/?url={B}"),
    ("oembed", "https://www.site.com/oembed?url={B}&format=json"),
    ("api", "https://api.site.com/v1/links?url={B}"),
    ("api", "https://site.com/api/redirect?url={B}"),
    ("maker", "https://tinyurl.com/create.php?url={B}"),
    ("maker", "https://is.gd/create.php?format=simple&url={B}"),
    ("viewer", "https://docs.google.com/viewer?url={B}.pdf"),
    ("viewer", "https://view.officeapps.live.com/op/view.aspx?src={B}.docx"),
    // Pictures.
    ("picture", "https://images.site.com/resize?url=https%3A%2F%2Fexample.com%2Fa.jpg"),
    ("picture", "https://go.site.com/?url=https%3A%2F%2Fexample.com%2Fa.png"),
    ("picture", "https://c.site.com/t/aHR0cHM6Ly9leGFtcGxlLmNvbS9hLmpwZw"),
    ("picture", "https://api.qrserver.com/v1/create-qr-code/?data={B}"),
    // No sign that it leads elsewhere.
    ("plain page", "https://site.com/?url={B}"),
    ("plain page", "https://partner.site.com/?return={B}"),
    ("payment", "https://pay.site.com/c/pay?redirect={B}"),
    ("sign-out", "https://site.com/go?next={B}&client_id=1"),
    ("plain page", "https://site.com/article?link={B}"),
    ("plain page", "https://site.com/article/{B}"),
    ("plain page", "https://site.com/page/https%3A%2F%2Fexample.com%2Fclick"),
    ("search", "https://www.google.com/search?q={B}"),
    ("search", "https://site.com/search?q={B}&url={B}"),
    ("search", "https://www.google.com/url?q=how+to+cook"),
    // The value is no whole URL of another public site.
    ("relative", "https://site.com/redirect?url=/home"),
    ("bare name", "https://site.com/redirect?url=example.com"),
    ("scheme-less", "https://site.com/redirect?url=//example.com/a"),
    ("own site", "https://site.com/redirect?url=https%3A%2F%2Fwww.site.com%2Fa"),
    ("own site", "https://news.site.co.uk/out?url=https%3A%2F%2Fsite.co.uk%2Fa"),
    ("private", "https://site.com/redirect?url=http%3A%2F%2Flocalhost%2Fa"),
    ("private", "https://site.com/redirect?url=http%3A%2F%2F10.0.0.1%2Fa"),
    ("private", "https://site.com/redirect?url=http%3A%2F%2F%5B%3A%3A1%5D%2F"),
    ("private", "https://site.com/redirect?url=http%3A%2F%2Fprinter.local%2F"),
    ("suffix only", "https://site.com/redirect?url=http%3A%2F%2Fco.uk%2F"),
    ("other scheme", "https://site.com/redirect?url=javascript%3Aalert(1)"),
    ("other scheme", "https://site.com/redirect?url=ftp%3A%2F%2Fexample.com%2F"),
    ("text around", "https://site.com/redirect?url=see%20{B}"),
    ("userinfo", "https://site.com/redirect?url=https%3A%2F%2Fgood.com%40example.com%2F"),
    ("userinfo", "https://href.li/?https://good.com@example.com/"),
    ("two answers", "https://site.com/redirect?url={B}&to=https%3A%2F%2Fexample.org%2F"),
    ("no end", "https://site.com/redirect?url=https://example.com/?a=1&b=2"),
    ("no end", "https://www.googleadservices.com/pagead/aclk?adurl=https://example.com/?a=1&b=2"),
    ("no base64 of a URL", "https://go.site.com/?url=aHR0cA"),
    ("no base64 of a URL", "https://go.site.com/?url=bm90IGEgdXJs"),
    ("address as host", "http://192.0.2.1/redirect?url={B}"),
    // Known names in the wrong place.
    ("not their host", "https://google.com.evil.com/url?q={B}"),
    ("not their host", "https://google.blogspot.com/amp/s/example.com/a"),
    ("not their path", "https://www.google.com/urls?q={B}"),
    ("not their path", "https://steamcommunity.com/profiles/1?u={B}"),
    ("not their path", "https://vk.com/share.php?url={B}"),
    ("host only", "https://us-east-2.protection.sophos.com/?d=rb.gy&b=990260467867&x=55f1396f&q=4bPLHT"),
    ("opaque", "https://protect-eu.mimecast.com/s/abc?domain=example.com"),
    ("opaque", "https://u1.ct.sendgrid.net/ls/click?upn=https%3A%2F%2Fexample.com"),
    ("opaque", "https://brand.list-manage.com/track/click?u=abc&id=1"),
    ("opaque", "https://bit.ly/3xyz"),
    ("not decodable", "https://www.bing.com/ck/a?u=b1aHR0cHM6Ly9leGFtcGxlLmNvbQ"),
    ("not decodable", "https://urldefense.com/v3/__https://google.com:443/search?66ujQIQ$"),
    ("not decodable", "https://urldefense.com/v3/__https://example.com/*__;!!x$"),
    ("no signature", "https://disq.us/url?url=https%3A%2F%2Fexample.com%2Fa"),
    ("no host", "https://cdn.ampproject.org/c/s/foo/bar"),
    ("no web page", "intent://scan/#Intent;scheme=zxing;package=a.b;end"),
    ("no web page", "intent://x#Intent;S.browser_fallback_url=market%3A%2F%2Fdetails;end"),
    ("no web page", "market://details?id=com.example"),
    ("app only", "https://brand.onelink.me/abc?af_dp=brand%3A%2F%2Fhome"),
];

#[test]
fn lookalikes_stay_as_they_are() {
    for (why, link) in LOOKALIKES {
        let link = Url::parse(&link.replace("{B}", B)).unwrap();
        assert_eq!(Rules::builtin().peel(&link), [], "{why}: {link}");
    }
}

/// The same shapes without what makes them lookalikes: the table above fails for the right reasons.
#[test]
fn their_twins_decode() {
    for link in [
        "https://site.com/redirect?url={B}",
        "https://site.com/go?url={B}",
        "https://go.site.com/?url={B}",
        "https://site.com/out?redirect_url={B}",
        "https://site.com/redirect?url={B}&to={B}",
        "https://c.site.com/t/aHR0cHM6Ly9leGFtcGxlLmNvbS9h",
        "https://site.com/click/{B}",
        "https://go.site.com/?url=aHR0cHM6Ly9leGFtcGxlLmNvbS9h",
    ] {
        let link = Url::parse(&link.replace("{B}", B)).unwrap();
        let steps = Rules::builtin().peel(&link);
        assert_eq!(steps.last().map(|step| step.url.as_str()), Some("https://example.com/a"), "{link}");
    }
}
