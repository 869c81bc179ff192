//! A chain as HAR 1.2, for tools that read browser archives.
//!
//! What HAR has no word for is kept in `_hopline` members, which the format allows (HAR 1.2, "Custom fields").

use serde_json::{Value, json};

use crate::{
    chain::{Chain, Hop, Timings},
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
        let next = chain.hops.get(index + 1).map(|next| next.url.as_str());
        entries.push(entry(page_index, hop, started_at, next));
        started_at = started_at.plus_ms(i64::from(total_ms(&timings)));
    }
    entries
}

const fn total_ms(timings: &Timings) -> u32 {
    timings.dns + timings.connect + timings.tls + timings.wait + timings.receive
}

fn entry(page_index: usize, hop: &Hop, started_at: Timestamp, next: Option<&str>) -> Value {
    let timings = hop.timings_ms.unwrap_or_default();
    let address = hop.remote_addr.as_deref().and_then(|addr| addr.parse::<std::net::SocketAddr>().ok());
    json!({
        "pageref": page_id(page_index),
        "startedDateTime": started_at,
        "time": total_ms(&timings),
        "request": request(hop),
        "response": response(hop, next),
        "cache": {},
        "timings": {
            "blocked": -1, "dns": timings.dns, "connect": timings.connect + timings.tls, "ssl": timings.tls,
            "send": 0, "wait": timings.wait, "receive": timings.receive,
        },
        "serverIPAddress": address.map(|addr| addr.ip().to_string()).unwrap_or_default(),
        "connection": address.map(|addr| addr.port().to_string()).unwrap_or_default(),
        "_hopline": {"kind": hop.kind, "tls": hop.tls, "provider": hop.provider, "rule": hop.rule, "delay_s": hop.delay_s},
    })
}

fn request(hop: &Hop) -> Value {
    let cookies: Vec<Value> =
        hop.cookies_sent.iter().map(|name| json!({"name": name, "value": ""})).collect();
    let url = hop.url.split('#').next().unwrap_or_default();
    let query: Vec<Value> = url::Url::parse(url)
        .map(|url| url.query_pairs().map(|(name, value)| json!({"name": name, "value": value})).collect())
        .unwrap_or_default();
    json!({
        "method": hop.method, "url": url, "httpVersion": http_version(hop), "cookies": cookies, "headers": [],
        "queryString": query, "headersSize": -1, "bodySize": 0,
    })
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
        "redirectURL": next.filter(|_| hop.location.is_some()).unwrap_or_default(),
        "headersSize": -1, "bodySize": hop.body_bytes,
    })
}

fn http_version(hop: &Hop) -> &str {
    hop.http_version.as_deref().unwrap_or("")
}
