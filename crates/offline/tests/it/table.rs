//! The table of rules in the documentation is the table in `rules.toml`: regenerate it from this test's message.

use toml::{Table, Value};

const RULES: &str = include_str!("../../src/rules.toml");
const DOCUMENT: &str = include_str!("../../../../docs/offline-rules.md");
const BEGIN: &str = "<!-- rules: begin (checked by a test) -->\n";
const END: &str = "<!-- rules: end -->";

#[test]
fn the_documentation_lists_the_shipped_rules() {
    let (_, rest) = DOCUMENT.split_once(BEGIN).expect("the document has the table's begin");
    let (documented, _) = rest.split_once(END).expect("the document has the table's end");
    let table = table();
    assert_eq!(documented, table, "put this between the marks of docs/offline-rules.md:\n{table}");
}

fn table() -> String {
    let rules: Table = toml::from_str(RULES).unwrap();
    let rows = rules["rule"].as_array().unwrap().iter().map(row);
    let head = "| rule | hosts | value | decoded by |\n|---|---|---|---|\n".to_owned();
    rows.fold(head, |table, row| table + &row)
}

fn row(rule: &Value) -> String {
    let kind = rule.get("kind").map(|kind| format!(" ({})", kind.as_str().unwrap())).unwrap_or_default();
    let hosts = match rule.get("scheme") {
        Some(scheme) => format!("`{}:`", scheme.as_str().unwrap()),
        None => list(rule, "hosts"),
    };
    let place = rule.get("from").map(|from| from.as_str().unwrap().replace('_', " ")).unwrap_or_default();
    let value = [list(rule, "query"), place, list(rule, "paths")];
    let value = value.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(": ");
    format!("| {}{kind} | {hosts} | {value} | {} |\n", rule["id"].as_str().unwrap(), list(rule, "decode"))
}

fn list(rule: &Value, key: &str) -> String {
    let values = rule.get(key).and_then(Value::as_array).into_iter().flatten();
    values.map(|value| format!("`{}`", value.as_str().unwrap())).collect::<Vec<_>>().join(", ")
}

#[test]
fn every_decode_step_and_key_is_documented() {
    for word in [
        "percent",
        "base64",
        "hex",
        "reverse",
        "html",
        "proofpoint_v2",
        "proofpoint_v3",
        "slashes",
        "join",
        "scheme:",
        "strip_prefix:",
        "after:",
        "from:",
        "before:",
        "until_last:",
        "needs:",
        "id",
        "kind",
        "hosts",
        "scheme",
        "paths",
        "query",
        "from",
        "decode",
        "drop",
        "words",
        "strict",
        "same_site",
        "examples",
        "[never]",
        "parameters",
        "extensions",
        "path_to_end",
        "query_to_end",
        "fragment",
        "link",
    ] {
        assert!(DOCUMENT.contains(&format!("`{word}")), "{word} is not in the document");
    }
}
