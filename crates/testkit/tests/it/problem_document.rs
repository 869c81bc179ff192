//! What every problem document must be, whatever refused (RFC 9457, contracts §0 and §1).

use hopline_domain::problem::ProblemCode;
use hopline_testkit::TestResponse;
use serde_json::Value;

/// The document of a refusal with this status and code; fails the test when anything about it breaks the contract.
pub(crate) fn problem(response: &TestResponse, status: u16, code: &str) -> Value {
    let text = response.text();
    assert_eq!(response.status, status, "{text}");
    assert_eq!(response.header("content-type"), Some("application/problem+json"), "{text}");
    let document = response.json();
    let member = |name: &str| document[name].as_str().unwrap_or_else(|| panic!("no {name} in {text}"));
    assert_eq!((document["status"].as_u64(), member("code")), (Some(u64::from(status)), code), "{text}");
    let known: ProblemCode = code.parse().unwrap_or_else(|_| panic!("{code} is in no catalogue"));
    assert_eq!(member("title"), known.title());
    assert!(member("type").ends_with(&format!("/docs/problems/{code}")), "{text}");
    assert!(!member("detail").is_empty(), "{text}");
    assert_eq!(Some(member("request_id")), response.header("x-request-id"), "{text}");
    expect_headers(response);
    document
}

fn expect_headers(response: &TestResponse) {
    let needed = match response.status {
        401 => "www-authenticate",
        405 => "allow",
        429 | 503 => "retry-after",
        _ => return,
    };
    let value = response.header(needed).unwrap_or_else(|| panic!("no {needed}: {}", response.text()));
    assert!(needed != "retry-after" || value.parse::<u32>().is_ok_and(|seconds| seconds > 0), "{value}");
}

/// The pointers of all faults, sorted.
pub(crate) fn pointers(document: &Value) -> Vec<String> {
    let faults = document["errors"].as_array().cloned().unwrap_or_default();
    for fault in &faults {
        assert!(fault["code"].is_string() && fault["detail"].is_string(), "{fault}");
    }
    let mut pointers: Vec<String> =
        faults.iter().filter_map(|fault| fault["pointer"].as_str().map(str::to_owned)).collect();
    pointers.sort();
    pointers
}
