//! JSON schemas as tables of members, and as examples.

use serde_json::{Map, Value, json};

use super::html::{escape, line};

/// How deep tables and examples go into objects.
const DEPTH_MAX: usize = 3;

/// The schema a reference leads to, or the value itself. `oneOf` with `null` means its other side.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    if let Some(pointer) = schema["$ref"].as_str().and_then(|text| text.strip_prefix('#')) {
        return document.pointer(pointer).map_or(schema, |target| resolved(document, target));
    }
    let choices = schema["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    let real: Vec<&Value> = choices.iter().filter(|choice| choice["type"] != "null").collect();
    if let [only] = real.as_slice() { resolved(document, only) } else { schema }
}

/// The members of an object, nested ones with dots; empty when there are none.
pub(super) fn table(document: &Value, schema: &Value) -> String {
    let rows = rows(document, schema, "", 0);
    if rows.is_empty() {
        return String::new();
    }
    format!("<table>\n<tr><th>member</th><th>type</th><th></th></tr>\n{rows}</table>\n")
}

fn rows(document: &Value, schema: &Value, prefix: &str, depth: usize) -> String {
    let schema = resolved(document, schema);
    let parts = ["allOf", "anyOf"].into_iter().filter_map(|name| schema[name].as_array()).flatten();
    let of_parts: String = parts.map(|part| rows(document, part, prefix, depth)).collect();
    let Some(properties) = schema["properties"].as_object().filter(|_| depth < DEPTH_MAX) else {
        return of_parts;
    };
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of_members = properties.iter().map(|(name, member)| {
        let path = format!("{prefix}{name}");
        let mark =
            if required.contains(&json!(name)) { " <span class=\"required\">required</span>" } else { "" };
        let own = format!(
            "<tr><td><code>{}</code>{mark}</td><td>{}</td><td>{}</td></tr>\n",
            escape(&path),
            escape(&type_of(document, member)),
            line(&note(document, member))
        );
        own + &rows(document, items_of(resolved(document, member)), &format!("{path}."), depth + 1)
    });
    of_parts + &of_members.collect::<String>()
}

/// The schema of a list's items; of anything else, itself.
fn items_of(schema: &Value) -> &Value {
    if schema["items"].is_object() { &schema["items"] } else { schema }
}

fn type_of(document: &Value, member: &Value) -> String {
    let schema = resolved(document, member);
    let words: Vec<&str> = match &schema["type"] {
        Value::String(word) => vec![word],
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => vec!["object"],
    };
    let nullable = !std::ptr::eq(schema, member) && member["oneOf"].is_array();
    let mut text = words.join(" or ");
    if schema["items"].is_object() {
        text = format!("list of {}", type_of(document, &schema["items"]));
    }
    if nullable { format!("{text} or null") } else { text }
}

/// What the schema says beside the type: description, choices, default, example.
fn note(document: &Value, member: &Value) -> String {
    let schema = resolved(document, member);
    let said =
        |name: &str| [&member[name], &schema[name]].into_iter().find(|value| !value.is_null()).cloned();
    let mut parts: Vec<String> =
        said("description").and_then(|text| text.as_str().map(str::to_owned)).into_iter().collect();
    let choices = schema["pattern"]
        .as_str()
        .and_then(|text| text.strip_prefix("^(")?.strip_suffix(")$").map(str::to_owned));
    parts.extend(choices.map(|words| format!("One of `{}`.", words.replace('|', "`, `"))));
    parts.extend(said("default").map(|value| format!("Default `{value}`.")));
    parts.extend(said("example").map(|value| format!("Example: `{value}`.")));
    parts.join(" ")
}

/// A body with its required members, and those that have an example when nothing is required.
pub(super) fn example(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(properties) = schema["properties"].as_object() else { return json!({}) };
    let chosen = properties.iter().filter(|(name, _)| required.contains(&json!(name)));
    Value::Object(
        chosen.map(|(name, member)| (name.clone(), example_of(document, member))).collect::<Map<_, _>>(),
    )
}

fn example_of(document: &Value, member: &Value) -> Value {
    let schema = resolved(document, member);
    let given = [&member["example"], &schema["example"]].into_iter().find(|value| !value.is_null());
    given.cloned().unwrap_or_else(|| match schema["type"].as_str() {
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        _ => json!("…"),
    })
}
