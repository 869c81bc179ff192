//! What subresources carry, hop by hop.

use hopline_script::{
    FetchCredentials::{self, Include},
    FetchMode::{self, Cors, NoCors},
};

use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn asker() -> Asker {
    Asker { url: url("https://a.test/x?q"), policy: ReferrerPolicy::default(), client: FetchClient::Page }
}

fn request(method: &str, url: &str) -> FetchRequest {
    FetchRequest {
        kind: FetchKind::Data,
        url: url.to_owned(),
        method: method.to_owned(),
        headers: Vec::new(),
        body: b"body".to_vec(),
        mode: Cors,
        credentials: Include,
        client: FetchClient::Page,
    }
}

fn part(request: FetchRequest) -> Subresource {
    Subresource::of(request, asker()).unwrap()
}

fn origin_of(part: &Subresource) -> Option<String> {
    let headers = part.headers(&HeaderMap::new());
    headers.get(header::ORIGIN).map(|value| value.to_str().unwrap().to_owned())
}

fn led(part: Subresource, status: u16, to: &str) -> Subresource {
    part.redirected(status, url(to), &HeaderMap::new()).unwrap()
}

#[test]
fn only_the_web_is_asked_and_never_in_the_clear_from_a_secure_page() {
    for (method, url, expected) in [
        ("GET", "https://b.test/", true),
        ("PUT", "https://b.test/", true),
        ("GET", "http://b.test/", false),
        ("GET", "file:///etc/passwd", false),
        ("GET", "data:text/plain,x", false),
        ("GET", "nonsense", false),
        ("CONNECT", "https://b.test/", false),
        ("TRACE", "https://b.test/", false),
        ("bad method", "https://b.test/", false),
    ] {
        assert_eq!(Subresource::of(request(method, url), asker()).is_ok(), expected, "{method} {url}");
    }
    let plain = Asker { url: url("http://a.test/"), ..asker() };
    assert!(Subresource::of(request("GET", "http://b.test/"), plain).is_ok());
}

#[test]
fn what_is_the_browsers_is_not_the_scripts() {
    let names = [
        "Cookie",
        "Host",
        "Origin",
        "Referer",
        "Sec-Fetch-Mode",
        "Proxy-X",
        "User-Agent",
        "X-Mine",
        "Content-Type",
    ];
    let forged = names.iter().map(|name| ((*name).to_owned(), "forged".to_owned())).collect();
    let headers = part(FetchRequest { headers: forged, ..request("POST", "https://b.test/") });
    let headers = headers.headers(&HeaderMap::new());
    let forged: Vec<_> =
        headers.iter().filter(|(_, value)| *value == "forged").map(|(name, _)| name.as_str()).collect();
    assert_eq!(forged, ["x-mine", "content-type"]);
    assert_eq!(
        (&headers[header::ORIGIN], &headers[header::REFERER]),
        (&HeaderValue::from_static("https://a.test"), &HeaderValue::from_static("https://a.test/"))
    );
    assert!(FORBIDDEN_HEADERS.is_sorted());
}

#[test]
fn without_cors_a_page_sends_no_more_than_a_form_could() {
    let no_cors = |method| FetchRequest { mode: NoCors, ..request(method, "https://b.test/") };
    for (method, expected) in [("GET", true), ("POST", true), ("PUT", false), ("DELETE", false)] {
        assert_eq!(Subresource::of(no_cors(method), asker()).is_ok(), expected, "{method}");
    }
    let headers =
        ["Authorization", "X-Mine", "Content-Type"].map(|name| (name.to_owned(), "text/plain".to_owned()));
    let sent = part(FetchRequest { headers: headers.to_vec(), ..no_cors("POST") }).headers(&HeaderMap::new());
    assert!(!sent.contains_key(header::AUTHORIZATION) && !sent.contains_key("x-mine"));
    assert_eq!(sent[header::CONTENT_TYPE], "text/plain");
    assert_eq!(sent[header::ORIGIN], "https://a.test", "whoever posts says who it is");
    let json = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let sent = part(FetchRequest { headers: json, ..no_cors("POST") }).headers(&HeaderMap::new());
    assert!(!sent.contains_key(header::CONTENT_TYPE));
    let script = FetchRequest { kind: FetchKind::Script, ..no_cors("POST") };
    assert!(Subresource::of(script, asker()).is_err(), "only data is posted");
}

#[test]
fn redirects_change_method_and_origin_as_fetch_says() {
    let post = || part(request("POST", "https://b.test/"));
    assert_eq!(led(post(), 302, "https://b.test/2").method, Method::GET);
    assert_eq!(led(post(), 303, "https://b.test/2").body, "");
    let kept = led(post(), 307, "https://b.test/2");
    assert_eq!((&kept.method, &kept.body[..]), (&Method::POST, &b"body"[..]));
    assert_eq!(origin_of(&kept).as_deref(), Some("https://a.test"));
    assert_eq!(origin_of(&led(kept.clone(), 307, "https://c.test/")).as_deref(), Some("null"));
    let back = led(kept, 307, "https://a.test/");
    assert_eq!(origin_of(&back).as_deref(), Some("null"), "led back by another origin");
    assert!(post().redirected(307, url("http://b.test/"), &HeaderMap::new()).is_err());
    assert!(post().redirected(307, url("https://u@c.test/"), &HeaderMap::new()).is_err());
}

#[test]
fn a_page_s_own_request_becomes_a_crossing_one_where_it_is_led() {
    let own = part(FetchRequest {
        credentials: FetchCredentials::SameOrigin,
        ..request("GET", "https://a.test/api")
    });
    assert_eq!((own.tainting, own.has_credentials()), (ResponseTainting::Basic, true));
    assert_eq!(origin_of(&own), None);
    let crossed = led(own, 302, "https://b.test/");
    assert_eq!((crossed.tainting, crossed.has_credentials()), (ResponseTainting::Cors, false));
    assert_eq!(origin_of(&crossed).as_deref(), Some("https://a.test"));
    let star = HeaderMap::from_iter([(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"))]);
    assert!(crossed.is_shared(&star), "without cookies a wildcard is enough");
    assert!(!crossed.is_shared(&HeaderMap::new()));
    let back = led(crossed, 302, "https://a.test/");
    assert_eq!(
        (back.tainting, back.has_credentials()),
        (ResponseTainting::Cors, false),
        "not its own any more"
    );
    let strict = part(FetchRequest { mode: FetchMode::SameOrigin, ..request("GET", "https://a.test/") });
    assert!(strict.redirected(302, url("https://b.test/"), &HeaderMap::new()).is_err());
}

#[test]
fn a_crossing_request_beyond_a_form_s_needs_leave() {
    let json =
        vec![("content-type".to_owned(), "application/json".to_owned()), ("x-b".to_owned(), "1".to_owned())];
    let put = part(FetchRequest { headers: json.clone(), ..request("PUT", "https://b.test/") });
    assert!(put.needs_leave());
    let asked = put.preflight_headers(&HeaderMap::new());
    let named = ["access-control-request-method", "access-control-request-headers", "origin"];
    assert_eq!(
        named.map(|name| asked[name].to_str().unwrap()),
        ["PUT", "content-type,x-b", "https://a.test"]
    );
    assert!(!part(request("POST", "https://b.test/")).needs_leave());
    let own = part(FetchRequest { headers: json, ..request("PUT", "https://a.test/") });
    assert!(!own.needs_leave());
    assert!(led(own, 307, "https://b.test/").needs_leave(), "also where a redirect leads");
}

#[test]
fn a_document_of_no_origin_owns_nothing() {
    let asker = Asker { client: FetchClient::Opaque, ..asker() };
    let asked =
        FetchRequest { credentials: FetchCredentials::SameOrigin, ..request("GET", "https://a.test/") };
    let own = Subresource::of(asked, asker).unwrap();
    assert_eq!((own.tainting, own.has_credentials()), (ResponseTainting::Cors, false));
    assert_eq!(origin_of(&own).as_deref(), Some("null"));
    assert!(!own.headers(&HeaderMap::new()).contains_key(header::REFERER));
}

#[test]
fn a_redirect_may_tighten_what_is_told_of_the_page() {
    let image = FetchRequest { kind: FetchKind::Image, mode: NoCors, ..request("GET", "https://b.test/") };
    let part = part(image);
    assert!(part.headers(&HeaderMap::new()).contains_key(header::REFERER));
    let policy = HeaderMap::from_iter([(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))]);
    let led = part.redirected(302, url("https://b.test/2"), &policy).unwrap();
    assert!(!led.headers(&HeaderMap::new()).contains_key(header::REFERER));
}
