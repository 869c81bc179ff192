//! `/docs`: the OpenAPI document as a page.

use bytes::Bytes;
use serde_json::Value;

use super::{
    html::{escape, line, paragraphs},
    layout::Site,
    schema,
};

/// One call of the document.
struct Call<'d> {
    method: &'d str,
    path: &'d str,
    operation: &'d Value,
}

pub(super) fn page(site: &Site, document: &Value) -> Bytes {
    let tags = document["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let links: String = tags.iter().map(|tag| group(document, tag)).collect();
    let sections: String = tags.iter().map(|tag| section(site, document, tag)).collect();
    let info = &document["info"];
    let (title, version) = (text(&info["title"]), text(&info["version"]));
    let main = format!(
        "<div class=\"with-nav\">\n<nav>\n{links}</nav>\n<main>\n<h1>{}</h1>\n<p class=\"dim\">Version {} · \
         <code>{}</code></p>\n{}{sections}</main>\n</div>",
        escape(title),
        escape(version),
        escape(&site.server),
        paragraphs(text(&info["description"])),
    );
    site.page("API reference · Hopline", &main)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The calls of a tag, in the document's order.
fn calls<'d>(document: &'d Value, tag: &'d Value) -> impl Iterator<Item = Call<'d>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        let operations = item.as_object().into_iter().flatten();
        operations.map(move |(method, operation)| Call { method, path, operation })
    });
    all.filter(|call| call.operation["tags"].as_array().is_some_and(|tags| tags.contains(&tag["name"])))
}

fn group(document: &Value, tag: &Value) -> String {
    let item = |call: Call<'_>| {
        format!(
            "<li><a href=\"#{}\">{}</a></li>\n",
            escape(text(&call.operation["operationId"])),
            escape(text(&call.operation["summary"]))
        )
    };
    let items: String = calls(document, tag).map(item).collect();
    format!("<h4>{}</h4>\n<ul>\n{items}</ul>\n", escape(text(&tag["name"])))
}

fn section(site: &Site, document: &Value, tag: &Value) -> String {
    let name = text(&tag["name"]);
    let articles: String = calls(document, tag).map(|call| article(site, document, &call)).collect();
    format!(
        "<section>\n<h2>{}</h2>\n{}{articles}</section>\n",
        escape(name),
        paragraphs(text(&tag["description"]))
    )
}

fn article(site: &Site, document: &Value, call: &Call<'_>) -> String {
    let Call { method, path, operation } = call;
    format!(
        "<article id=\"{}\">\n<h3>{}</h3>\n<span class=\"call\"><span class=\"method {method}\">{}</span><code>{}</code></span>\n{}{}{}{}{}{}{}</article>\n",
        escape(text(&operation["operationId"])),
        escape(text(&operation["summary"])),
        method.to_ascii_uppercase(),
        escape(path),
        paragraphs(text(&operation["description"])),
        needs(operation),
        parameters(operation),
        body(document, operation),
        curl(site, document, call),
        answers(document, operation),
        problems(site, operation),
    )
}

/// Which key the call needs.
fn needs(operation: &Value) -> String {
    let scopes = operation["security"][0]["bearer"].as_array();
    let sentence = match scopes.map(|scopes| scopes.iter().filter_map(Value::as_str).collect::<Vec<_>>()) {
        None => "Needs no key.".to_owned(),
        Some(scopes) if scopes.is_empty() => "Needs any valid key.".to_owned(),
        Some(scopes) => format!("Needs a key with the scope `{}`.", scopes.join("`, `")),
    };
    format!("<p class=\"dim\">{}</p>\n", line(&sentence))
}

fn parameters(operation: &Value) -> String {
    let Some(parameters) = operation["parameters"].as_array().filter(|all| !all.is_empty()) else {
        return String::new();
    };
    let row = |parameter: &Value| {
        format!(
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n",
            escape(text(&parameter["name"])),
            escape(text(&parameter["in"])),
            line(text(&parameter["description"]))
        )
    };
    let rows: String = parameters.iter().map(row).collect();
    format!("<h4>Parameters</h4>\n<table>\n<tr><th>name</th><th>in</th><th></th></tr>\n{rows}</table>\n")
}

fn body_schema(operation: &Value) -> &Value {
    &operation["requestBody"]["content"]["application/json"]["schema"]
}

fn body(document: &Value, operation: &Value) -> String {
    match body_schema(operation) {
        Value::Null => String::new(),
        schema => format!("<h4>Body</h4>\n{}", schema::table(document, schema)),
    }
}

/// The call as one line that works but for the ids.
fn curl(site: &Site, document: &Value, call: &Call<'_>) -> String {
    let mut command = vec![format!("curl -s {}{}", site.server, call.path)];
    if !matches!(call.method, "get" | "post") {
        command.push(format!("-X {}", call.method.to_ascii_uppercase()));
    }
    if call.operation["security"].is_array() {
        command.push("-H \"Authorization: Bearer $HOPLINE_API_KEY\"".to_owned());
    }
    match body_schema(call.operation) {
        Value::Null if call.method == "post" => command.push("-X POST".to_owned()),
        Value::Null => {}
        schema => {
            command.push("-H \"Content-Type: application/json\"".to_owned());
            command.push(format!("-d '{}'", schema::example(document, schema)));
        }
    }
    format!("<pre><code>{}</code></pre>\n", escape(&command.join(" \\\n  ")))
}

/// Answers of success, each with its members.
fn answers(document: &Value, operation: &Value) -> String {
    let responses = operation["responses"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(status, _)| status.starts_with('2'));
    let answer = |(status, response): (&String, &Value)| {
        let table = schema::table(document, &response["content"]["application/json"]["schema"]);
        let summary = format!("<code>{}</code> {}", escape(status), line(text(&response["description"])));
        if table.is_empty() {
            return format!("<p>{summary}</p>\n");
        }
        format!("<details>\n<summary>{summary}</summary>\n{table}</details>\n")
    };
    format!("<h4>Answers</h4>\n{}", responses.map(answer).collect::<String>())
}

fn problems(site: &Site, operation: &Value) -> String {
    let codes = operation["x-problems"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let item = |code: &str| {
        format!("<li><a href=\"{0}/docs/problems/{1}\"><code>{1}</code></a></li>\n", site.base, escape(code))
    };
    format!("<h4>Problems</h4>\n<ul class=\"problems\">\n{}</ul>\n", codes.map(item).collect::<String>())
}
