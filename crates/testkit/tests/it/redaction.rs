//! Takes out of an answer what differs from run to run, so that whole answers can be compared.

use hopline_testkit::TestApp;
use serde_json::Value;

/// The answer with ids, secrets and the farm's address replaced by what they are: `[uuid]`, `[key]`, `[whsec]`, `http://farm`.
pub(crate) fn redacted(app: &TestApp, value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redacted_text(app, text)),
        Value::Array(items) => items.iter().map(|item| redacted(app, item)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), redacted(app, member))).collect()
        }
        other => other.clone(),
    }
}

fn redacted_text(app: &TestApp, text: &str) -> String {
    for (prefix, shown) in [("sk_live_", "[sk_live]"), ("whsec_", "[whsec]"), ("req_", "[req]")] {
        if text.starts_with(prefix) && text.len() > 20 {
            return shown.to_owned();
        }
    }
    let text = text.replace(&app.farm.url(""), "http://farm.test").replace(&app.base_url(), "http://hopline");
    let slashed: Vec<String> = text.split('/').map(segment).collect();
    slashed.join("/")
}

fn segment(text: &str) -> String {
    let is_hex = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_uuid = text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    if is_uuid && text.split('-').all(is_hex) {
        return "[uuid]".to_owned();
    }
    match text.rsplit_once('_') {
        Some((kind, id)) if id.len() == 32 && is_hex(id) => format!("[{kind}]"),
        _ => text.to_owned(),
    }
}
