//! Reads both corpora and moves them to the port they are served on.

use std::net::SocketAddr;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::Deserialize;

use super::{
    case::{Case, Group},
    recording::Recording,
};
use crate::LinkFarm;

const GIVEN: &str = include_str!("../../data/oracle-cases.json");
const MORE: &str = include_str!("../../data/oracle-more.json");

/// The port the recorded URLs name. Like every port of a farm it has five digits, so each length stays right.
pub const RECORDED_PORT: &str = "18080";

/// What only pages with scripts or forms hold. The given cases do not say their group.
const SIGNS_OF_SCRIPT: [&str; 5] = ["<script", "<form", "onload=", "srcdoc=", "<svg"];

/// The names the cases use, all of them the farm's.
const NAMES: [&str; 5] = ["a.test", "b.test", "b.test.", "sub.a.test", "xn--bcher-kva.test"];

/// Cases whose URLs name the farm that serves them.
#[derive(Debug)]
pub struct Corpus {
    pub cases: Vec<Case>,
    /// For `--resolve`: every name the cases use, with its port and address.
    pub static_names: Vec<String>,
}

#[derive(Deserialize)]
struct Written {
    name: String,
    group: Option<String>,
    path: String,
    fragment: Option<String>,
    response_b64: String,
    #[serde(default)]
    companions: Vec<WrittenCompanion>,
    chromium: Recording,
}

#[derive(Deserialize)]
struct WrittenCompanion {
    path: String,
    response_b64: String,
}

impl Corpus {
    /// The cases that came with the project.
    pub fn given(farm: &LinkFarm) -> Self {
        Self::serve(GIVEN, farm)
    }

    /// The cases recorded here.
    pub fn more(farm: &LinkFarm) -> Self {
        Self::serve(MORE, farm)
    }

    fn serve(text: &str, farm: &LinkFarm) -> Self {
        let address = farm.address();
        assert!(address.port() >= 10_000, "the recorded lengths need a port of five digits");
        let port = address.port().to_string();
        let written: Vec<Written> =
            serde_json::from_str(&text.replace(RECORDED_PORT, &port)).expect("the recorded cases are JSON");
        let cases: Vec<Case> = written.into_iter().map(|case| case.on(address)).collect();
        for (path, bytes) in cases.iter().flat_map(Case::responses) {
            farm.serve_raw(path, bytes);
        }
        let static_names = NAMES.iter().map(|name| format!("{name}:{port}:{}", address.ip())).collect();
        Self { cases, static_names }
    }
}

impl Written {
    fn on(self, farm: SocketAddr) -> Case {
        let port = farm.port().to_string();
        let bytes = |text: &str| moved(&BASE64_STANDARD.decode(text).expect("a response is base64"), &port);
        let response = bytes(&self.response_b64);
        let fragment = self.fragment.as_deref().map_or(String::new(), |fragment| format!("#{fragment}"));
        Case {
            group: self.group.as_deref().map_or_else(|| guessed(&response), named),
            name: self.name,
            url: format!("http://a.test:{port}{}{fragment}", self.path),
            path: self.path,
            companions: self
                .companions
                .iter()
                .map(|one| (one.path.clone(), bytes(&one.response_b64)))
                .collect(),
            response,
            recording: self.chromium,
        }
    }
}

fn named(group: &str) -> Group {
    match group {
        "network" => Group::Network,
        "script" => Group::Script,
        other => panic!("no group is called {other}"),
    }
}

fn guessed(response: &[u8]) -> Group {
    let text = String::from_utf8_lossy(response);
    if SIGNS_OF_SCRIPT.iter().any(|sign| text.contains(sign)) { Group::Script } else { Group::Network }
}

/// The same response with the farm's port for the recorded one.
fn moved(bytes: &[u8], port: &str) -> Bytes {
    let from = RECORDED_PORT.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(port.as_bytes());
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out.into()
}
