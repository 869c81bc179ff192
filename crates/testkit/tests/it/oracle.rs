//! The recorded corpus: what Chromium did with each response, against what the resolver does with the same bytes.
#![expect(clippy::unwrap_used, reason = "a corpus that cannot be read must fail the test at once")]

use std::net::SocketAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hopline_domain::chain::{Chain, ChainStatus, HopKind};
use hopline_testkit::LinkFarm;
use serde::Deserialize;

use crate::peeling::{chain_of, peeler};

/// Cases the http engine answers otherwise than Chromium, each with its reason. The list is exact.
const DISAGREEMENTS: [(&str, &str); 0] = [];

/// Share of the network and refresh cases that must agree, in percent.
const AGREEMENT_PERCENT_MIN: usize = 97;

/// The port the recorded URLs name.
const RECORDED_PORT: &str = ":18080";

#[derive(Deserialize)]
struct Case {
    name: String,
    path: String,
    fragment: Option<String>,
    response_b64: String,
    chromium: Chromium,
}

#[derive(Deserialize)]
struct Chromium {
    #[serde(rename = "final")]
    final_url: String,
    error: Option<String>,
    events: Vec<String>,
}

impl Case {
    /// Whether Chromium needed a script, a click or a form; those are for the engines to come.
    fn needs_script(&self) -> bool {
        let needs = [
            "{scriptInitiated}",
            "{formSubmission",
            "{anchorClick}",
            "{reload}",
            "{other}",
            "{within:historyApi}",
        ];
        self.chromium.events.iter().any(|event| needs.iter().any(|reason| event.starts_with(reason)))
    }

    fn url(&self, farm: SocketAddr) -> String {
        let fragment = self.fragment.as_deref().map_or(String::new(), |fragment| format!("#{fragment}"));
        format!("http://a.test:{}{}{fragment}", farm.port(), self.path)
    }

    /// The hop kinds the browser's events stand for. A reason counts when a request of the main frame follows it.
    fn kinds(&self) -> Vec<HopKind> {
        let mut kinds = Vec::new();
        let mut reason = HopKind::Start;
        for event in &self.chromium.events {
            match event.as_str() {
                "{httpHeaderRefresh}" => reason = HopKind::RefreshHeader,
                "{metaTagRefresh}" => reason = HopKind::MetaRefresh,
                event if event.starts_with('[') => kinds.push(HopKind::HttpRedirect),
                event if event.starts_with("GET ") => kinds.push(reason),
                _ => {}
            }
        }
        kinds
    }

    /// What is wrong with our answer, if anything.
    fn fault(&self, chain: &Chain, farm: SocketAddr) -> Option<String> {
        let kinds: Vec<HopKind> = chain.hops.iter().map(|hop| hop.kind).collect();
        let expected = on_port(&self.chromium.final_url, farm);
        let got = chain.final_url.as_deref();
        if self.chromium.error.is_some() {
            let is_download = chain.download && got == Some(&self.url(farm));
            let is_refused = chain.status != ChainStatus::Done && got.is_none();
            return (!is_download && !is_refused).then(|| format!("expected an error, got {got:?}"));
        }
        if got != Some(&expected) {
            return Some(format!("expected {expected}, got {got:?} ({:?})", chain.reason));
        }
        (kinds != self.kinds()).then(|| format!("expected {:?}, got {kinds:?}", self.kinds()))
    }
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../../data/oracle-cases.json")).unwrap()
}

fn on_port(text: &str, farm: SocketAddr) -> String {
    text.replace(RECORDED_PORT, &format!(":{}", farm.port()))
}

/// Serves the recorded responses with the farm's own port in their URLs; ports of five digits keep every length right.
async fn farm_of(cases: &[Case]) -> LinkFarm {
    let farm = LinkFarm::start().await;
    assert!(farm.address().port() >= 10_000, "the recorded Content-Length needs a port of five digits");
    let port = format!(":{}", farm.address().port());
    for case in cases {
        let recorded = BASE64_STANDARD.decode(&case.response_b64).unwrap();
        farm.serve_raw(&case.path, replaced(&recorded, RECORDED_PORT.as_bytes(), port.as_bytes()));
    }
    farm
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

#[tokio::test]
async fn network_and_refresh_cases_agree_with_chromium() {
    let cases: Vec<Case> = cases().into_iter().filter(|case| !case.needs_script()).collect();
    let farm = farm_of(&cases).await;
    let peeler = peeler(&farm);
    let mut faults = Vec::new();
    for case in &cases {
        let chain = chain_of(&peeler, &case.url(farm.address())).await;
        let fault = case.fault(&chain, farm.address());
        println!("{:16} {}", case.name, fault.as_deref().unwrap_or("agrees"));
        faults.extend(fault.map(|_| case.name.as_str()));
    }
    let named: Vec<&str> = DISAGREEMENTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(faults, named, "the named disagreements must be exactly these");
    let agreed = cases.len() - faults.len();
    println!("{agreed} of {} agree", cases.len());
    assert!(agreed * 100 >= cases.len() * AGREEMENT_PERCENT_MIN);
}

#[tokio::test]
async fn pages_that_only_a_script_leaves_are_never_given_a_wrong_destination() {
    let cases: Vec<Case> = cases().into_iter().filter(Case::needs_script).collect();
    let farm = farm_of(&cases).await;
    let peeler = peeler(&farm);
    for case in &cases {
        let asked = case.url(farm.address());
        let got = chain_of(&peeler, &asked).await.final_url;
        let expected = on_port(&case.chromium.final_url, farm.address());
        let is_true = got.as_ref().is_none_or(|url| *url == asked || *url == expected);
        assert!(is_true, "{}: {got:?} is neither the page nor {expected}", case.name);
    }
    assert!(!cases.is_empty());
}
