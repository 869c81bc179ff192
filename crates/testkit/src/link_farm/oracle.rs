//! The responses whose fate in a real browser is on record, and the fixed pages they lead to.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::Deserialize;

use crate::answer::Answer;

const CASES: &str = include_str!("../../data/oracle-cases.json");

#[derive(Deserialize)]
struct Case {
    path: String,
    response_b64: String,
}

/// Every recorded response by the path that serves it.
pub(super) fn cases() -> HashMap<String, Bytes> {
    let cases: Vec<Case> = serde_json::from_str(CASES).expect("the recorded cases are JSON");
    let bytes = |text: &str| BASE64_STANDARD.decode(text).expect("a recorded response is base64");
    cases.into_iter().map(|case| (case.path, bytes(&case.response_b64).into())).collect()
}

/// The pages the recorded cases refer to.
pub(super) fn fixed(path: &str) -> Option<Answer> {
    match path {
        "/ext.js" => {
            Some(Answer::status(200).header("Content-Type", "text/javascript").body("location='/final'"))
        }
        "/json" => {
            Some(Answer::status(200).header("Content-Type", "application/json").body(r#"{"url":"/final"}"#))
        }
        "/nope" | "/favicon.ico" => Some(Answer::status(404)),
        _ => None,
    }
}

/// Where every recorded chain that ends, ends.
pub(super) fn final_page(method: &str) -> Answer {
    Answer::html(&format!("<title>FINAL</title>method={method}"))
}
