//! A chain as HAR 1.2, for tools that read browser archives.
//!
//! What HAR has no word for is kept in members that begin with `_`, which the format allows (HAR 1.2, "Custom fields"):
//! `_kind` is how we got to an entry, in the chain document's words.

use serde_json::{Value, json};

use crate::{
    chain::{Chain, Hop, HopKind},
    time::Timestamp,
};

/// The archive of one chain. Fragments are left out of request URLs, as HAR asks.
pub fn archive(chains: &[&Chain], version: &str) -> Value {
    let pages: Vec<Value> = chains.iter().enumerate().map(|(index, chain)| page(index, chain)).collect();
    let entries: Vec<Value> =
        chains.iter().enumerate().flat_map(|(index, chain)| entries(index, chain)).collect();
    json!({"log": {
        "version": "1.2",
        "creator": {"name": "Hopline", "version": version},
        "pages": pages,
        "entries": entries,
    }})
}

fn page(index: usize, chain: &Chain) -> Value {
    json!({
        "startedDateTime": chain.started_at,
        "id": page_id(index),
        "title": chain.title.as_deref().unwrap_or(&chain.url),
        "pageTimings": {"onContentLoad": -1, "onLoad": chain.duration_ms},
        "_hopline": {"url": chain.url, "final_url": chain.final_url, "status": chain.status, "reason": chain.reason},
    })
}

fn page_id(index: usize) -> String {
    format!("link_{}", index + 1)
}

/// Hops follow one another, so each starts when the one before it ended.
fn entries(page_index: usize, chain: &Chain) -> Vec<Value> {
    let mut started_at = chain.started_at;
    let mut entries = Vec::with_capacity(chain.hops.len());
    for (index, hop) in chain.hops.iter().enumerate() {
        let timings = hop.timings_ms.unwrap_or_default();
        let next = chain.hops.get(index + 1).filter(|next| next.kind == HopKind::HttpRedirect);
        let next = next.map(|next| next.url.as_str());
        entries.push(entry(page_index, hop, started_at, next));
        started_at = started_at.plus_ms(i64::from(timings.total()));
    }
    entries
}

fn entry(page_index: usize, hop: &Hop, started_at: Timestamp, next: Option<&str>) -> Value {
    let timings = hop.timings_ms.unwrap_or_default();
    let address = hop.remote_addr.as_deref().and_then(|addr| addr.parse::<std::net::SocketAddr>().ok());
    json!({
        "pageref": page_id(page_index),
        "startedDateTime": started_at,
        "time": timings.total(),
        "request": request(hop),
        "response": response(hop, next),
        "cache": {},
        "timings": {
            "blocked": -1, "dns": timings.dns, "connect": timings.connect + timings.tls, "ssl": timings.tls,
            "send": 0, "wait": timings.wait, "receive": timings.receive,
        },
        "serverIPAddress": address.map(|addr| addr.ip().to_string()).unwrap_or_default(),
        "connection": address.map(|addr| addr.port().to_string()).unwrap_or_default(),
        "_kind": hop.kind,
        "_hopline": {"tls": hop.tls, "provider": hop.provider, "rule": hop.rule, "delay_s": hop.delay_s},
    })
}

fn request(hop: &Hop) -> Value {
    let cookies: Vec<Value> =
        hop.cookies_sent.iter().map(|name| json!({"name": name, "value": ""})).collect();
    let url = hop.url.split('#').next().unwrap_or_default();
    let query: Vec<Value> = url::Url::parse(url)
        .map(|url| url.query_pairs().map(|(name, value)| json!({"name": name, "value": value})).collect())
        .unwrap_or_default();
    let mut request = json!({
        "method": hop.method, "url": url, "httpVersion": http_version(hop), "cookies": cookies, "headers": [],
        "queryString": query, "headersSize": -1, "bodySize": hop.request_body.as_ref().map_or(0, |body| body.bytes),
    });
    if let Some(body) = &hop.request_body {
        let mime = body.content_type.as_deref().unwrap_or_default();
        request["postData"] = json!({"mimeType": mime, "params": [], "text": "", "_sha256": body.sha256});
    }
    request
}

fn response(hop: &Hop, next: Option<&str>) -> Value {
    let headers: Vec<Value> =
        hop.headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let cookies: Vec<Value> = hop
        .cookies_set
        .iter()
        .map(|cookie| json!({"name": cookie.name, "value": "", "domain": cookie.domain, "expires": cookie.expires}))
        .collect();
    let mime = hop.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    json!({
        "status": hop.status.unwrap_or(0), "statusText": "", "httpVersion": http_version(hop),
        "cookies": cookies, "headers": headers,
        "content": {"size": hop.body_bytes, "mimeType": mime.map_or("", |(_, value)| value.as_str())},
        "redirectURL": next.unwrap_or_default(),
        "headersSize": -1, "bodySize": hop.body_bytes,
    })
}

fn http_version(hop: &Hop) -> &str {
    hop.http_version.as_deref().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain::{RequestBody, Timings},
        chain_samples::chain,
    };

    /// A redirect, a form that posts, a script that leaves, a decoded hop that asked nobody.
    fn archived() -> Value {
        let mut chain = chain(&[
            (HopKind::Start, "https://a.example/?x=1&y=%20#part"),
            (HopKind::HttpRedirect, "https://b.example/"),
            (HopKind::Form, "https://c.example/"),
            (HopKind::Script, "https://d.example/"),
            (HopKind::Offline, "https://e.example/"),
        ]);
        chain.hops[0].location = Some("https://b.example/".to_owned());
        chain.hops[0].timings_ms = Some(Timings { dns: 1, connect: 2, tls: 3, wait: 40, receive: 5 });
        chain.hops[1].remote_addr = Some("[2001:db8::1]:443".to_owned());
        chain.hops[2].method = "POST".to_owned();
        let content_type = Some("application/x-www-form-urlencoded".to_owned());
        chain.hops[2].request_body = Some(RequestBody { content_type, bytes: 12, sha256: "ab".to_owned() });
        (chain.hops[4].status, chain.hops[4].http_version) = (None, None);
        archive(&[&chain], "0.0.0")
    }

    #[test]
    fn every_hop_is_an_entry_that_says_how_we_got_there() {
        let archive = archived();
        let entries = archive["log"]["entries"].as_array().unwrap();
        let kinds: Vec<_> = entries.iter().map(|entry| entry["_kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["start", "http_redirect", "form", "script", "offline"]);
        let redirects: Vec<_> =
            entries.iter().map(|entry| entry["response"]["redirectURL"].as_str().unwrap()).collect();
        assert_eq!(redirects, ["https://b.example/", "", "", "", ""]);
        assert_eq!(entries[0]["request"]["url"], "https://a.example/?x=1&y=%20");
        assert_eq!(entries[0]["request"]["queryString"][1], json!({"name": "y", "value": " "}));
        assert_eq!(entries[0]["time"], 51);
        assert_eq!(entries[0]["timings"]["connect"], 5);
        assert_eq!(entries[1]["startedDateTime"], "1970-01-01T00:00:00.051Z");
        assert_eq!(entries[1]["serverIPAddress"], "2001:db8::1");
        assert_eq!(entries[4]["response"]["status"], 0);
    }

    #[test]
    fn what_a_form_sent_is_told() {
        let archive = archived();
        let (get, post) =
            (&archive["log"]["entries"][1]["request"], &archive["log"]["entries"][2]["request"]);
        assert_eq!((&post["method"], &post["bodySize"]), (&json!("POST"), &json!(12)));
        assert_eq!(post["postData"]["mimeType"], "application/x-www-form-urlencoded");
        assert_eq!((&get["bodySize"], get.get("postData")), (&json!(0), None));
    }

    #[test]
    fn has_every_member_that_readers_demand() {
        let archive = archived();
        assert_eq!(archive["log"]["version"], "1.2");
        for entry in archive["log"]["entries"].as_array().unwrap() {
            assert_eq!(entry["pageref"], archive["log"]["pages"][0]["id"]);
            for name in ["startedDateTime", "time", "request", "response", "cache", "timings"] {
                assert!(entry.get(name).is_some(), "{name}");
            }
            for name in [
                "method",
                "url",
                "httpVersion",
                "cookies",
                "headers",
                "queryString",
                "headersSize",
                "bodySize",
            ] {
                assert!(entry["request"].get(name).is_some(), "{name}");
            }
            for name in [
                "status",
                "statusText",
                "cookies",
                "headers",
                "content",
                "redirectURL",
                "headersSize",
                "bodySize",
            ] {
                assert!(entry["response"].get(name).is_some(), "{name}");
            }
        }
    }
}
