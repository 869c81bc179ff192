//! Rules as bodies bring them: what is read, and what each fault points at.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn policy() -> DestinationPolicy {
    DestinationPolicy { own_hosts: vec!["sho.rt".to_owned()], blocked_hosts: Vec::new() }
}

fn read(value: &Value) -> Result<Vec<Rule>, Vec<Fault>> {
    parse_rules(value, "/rules", &policy())
}

/// Pointers of the faults of one condition.
fn faults_of(when: &Value) -> Vec<String> {
    let rules = json!([{"when": when, "url": "https://example.com/"}]);
    let mut pointers: Vec<String> =
        read(&rules).unwrap_err().into_iter().map(|fault| fault.pointer).collect();
    // Members come in the order they were sent, or sorted: that is the JSON parser's affair.
    pointers.sort_unstable();
    pointers
}

#[test]
fn every_condition_is_read_and_written_back() {
    let rules = json!([
        {"when": {
            "country": ["DE", "AT"], "device": ["mobile", "tablet"], "os": ["iOS"], "browser": ["Safari"],
            "language": ["de", "pt-BR"], "query": {"debug": null, "ref": "mail"}, "cidr": ["192.0.2.0/24", "2001:db8::/32"],
            "time_window": {"from": "2026-06-05T12:00:00.000Z", "days": ["mon", "sun"], "start": "09:00", "end": "24:00", "time_zone": "Europe/Berlin"},
            "percent": 25
        }, "url": "https://example.com/a"},
        {"when": {"percent": 100}, "url": "https://example.com/b"},
    ]);
    let read = read(&rules).unwrap();
    let mut written = serde_json::to_value(&read).unwrap();
    assert_eq!(written, rules);
    let again: Vec<Rule> = serde_json::from_value(written.take()).unwrap();
    assert_eq!(again, read);
}

#[test]
fn one_value_may_stand_without_a_list_and_addresses_are_nets() {
    let rules = json!([{"when": {"country": "de", "cidr": "192.0.2.77"}, "url": "https://example.com"}]);
    let rule = read(&rules).unwrap().remove(0);
    assert_eq!(rule.when.country[0].as_str(), "DE");
    assert_eq!(rule.when.cidr[0].to_string(), "192.0.2.77/32");
    assert_eq!(rule.url, "https://example.com/");
}

#[test]
fn each_wrong_value_is_pointed_at() {
    for (when, pointers) in [
        (json!({}), vec!["/rules/0/when"]),
        (json!("x"), vec!["/rules/0/when"]),
        (json!({"country": ["DE", "ZZ"]}), vec!["/rules/0/when/country/1"]),
        (json!({"country": "UK"}), vec!["/rules/0/when/country"]),
        (json!({"country": []}), vec!["/rules/0/when/country"]),
        (json!({"device": ["phone"]}), vec!["/rules/0/when/device/0"]),
        (json!({"os": [7], "browser": [""]}), vec!["/rules/0/when/browser/0", "/rules/0/when/os/0"]),
        (
            json!({"language": ["d", "de_DE", "*"]}),
            vec!["/rules/0/when/language/0", "/rules/0/when/language/1", "/rules/0/when/language/2"],
        ),
        (json!({"query": ["a"]}), vec!["/rules/0/when/query"]),
        (json!({"query": {}}), vec!["/rules/0/when/query"]),
        (json!({"query": {"a/b": 1}}), vec!["/rules/0/when/query/a~1b"]),
        (json!({"cidr": ["192.0.2.0/33"]}), vec!["/rules/0/when/cidr/0"]),
        (json!({"cidr": "example.com"}), vec!["/rules/0/when/cidr"]),
        (json!({"time_window": {"start": "9"}}), vec!["/rules/0/when/time_window"]),
        (json!({"time_window": {"start": "09:00"}}), vec!["/rules/0/when/time_window/end"]),
        (json!({"time_window": {}}), vec!["/rules/0/when/time_window"]),
        (json!({"percent": 101}), vec!["/rules/0/when/percent"]),
        (json!({"percent": -1}), vec!["/rules/0/when/percent"]),
        (json!({"percent": 12.5}), vec!["/rules/0/when/percent"]),
        (json!({"percent": "50"}), vec!["/rules/0/when/percent"]),
        (json!({"planet": "Mars"}), vec!["/rules/0/when/planet"]),
    ] {
        assert_eq!(faults_of(&when), pointers, "{when}");
    }
}

#[test]
fn faults_of_all_rules_come_at_once() {
    let rules = json!([
        {"when": {"percent": 50}},
        {"url": "https://example.com/"},
        {"when": {"percent": 50}, "url": "ftp://example.com/"},
        {"when": {"percent": 50}, "url": "https://sho.rt/x", "weight": 3},
        7
    ]);
    let faults: Vec<_> =
        read(&rules).unwrap_err().into_iter().map(|fault| (fault.pointer, fault.code)).collect();
    let expected = [
        ("/rules/0/url", "required"),
        ("/rules/1/when", "required"),
        ("/rules/2/url", "scheme"),
        ("/rules/3/weight", "unknown_field"),
        ("/rules/3/url", "own_domain"),
        ("/rules/4", "wrong_type"),
    ];
    assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
}

#[test]
fn lists_are_bounded() {
    let many: Vec<Value> = (0..=limits::LINK_RULES_MAX)
        .map(|_| json!({"when": {"percent": 1}, "url": "https://example.com/"}))
        .collect();
    assert_eq!(read(&Value::Array(many)).unwrap_err()[0].code, "too_many");
    assert_eq!(read(&json!({})).unwrap_err()[0].pointer, "/rules");
    let nets: Vec<String> = (0..=limits::RULE_VALUES_MAX).map(|n| format!("192.0.2.{}", n % 256)).collect();
    assert_eq!(faults_of(&json!({"cidr": nets})), ["/rules/0/when/cidr"]);
}

/// JSON that often is nearly a condition.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i8>().prop_map(Value::from),
        "[a-zA-Z0-9:./-]{0,6}".prop_map(Value::from),
        proptest::sample::select(vec![
            "DE",
            "mobile",
            "de-AT",
            "192.0.2.0/24",
            "::1",
            "09:00",
            "mon",
            "2026-06-05T12:00:00Z"
        ])
        .prop_map(Value::from),
    ];
    let name = proptest::sample::select(vec!["from", "until", "days", "start", "end", "time_zone", "x~/y"]);
    leaf.prop_recursive(2, 8, 3, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::hash_map(name.clone().prop_map(str::to_owned), inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_is_read_is_read_the_same_from_what_is_written(
        members in proptest::collection::hash_map(proptest::sample::select(CONDITIONS.to_vec()), value(), 1..3),
    ) {
        let when: Map<String, Value> = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let rules = json!([{"when": when, "url": "https://example.com/"}]);
        match read(&rules) {
            Ok(rules) => {
                let written = serde_json::to_value(&rules).unwrap();
                prop_assert_eq!(read(&written), Ok(rules.clone()), "{}", written);
                let stored: Vec<Rule> = serde_json::from_value(written).unwrap();
                prop_assert_eq!(stored, rules);
            }
            Err(faults) => prop_assert!(faults.iter().all(|fault| fault.pointer.starts_with("/rules/0/when"))),
        }
    }
}
