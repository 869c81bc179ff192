//! What every operation answers beside its own words: the problems of its kind, by status.

use std::collections::{BTreeMap, BTreeSet};

use hopline_domain::{limits::IDEMPOTENCY_KEY_BYTES_MAX, problem::ProblemCode};
use serde_json::{Value, json};
use strum::IntoEnumIterator;
use utoipa::openapi::{
    Content, HeaderBuilder, ObjectBuilder, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder, Schema,
    Type,
    path::{Operation, ParameterIn},
    schema::AdditionalProperties,
};

use super::problem_schema;

/// Where a route lists the problems of its own; afterwards it lists all of them.
const PROBLEMS: &str = "x-problems";
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Completes every operation, and closes the schemas of request bodies.
pub(super) fn complete(document: &mut OpenApi) {
    let (mut bodies, mut creating) = (BTreeSet::new(), BTreeSet::new());
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            let names = body_schemas(operation);
            if takes(operation, IDEMPOTENCY_KEY) {
                creating.extend(names.clone());
            }
            bodies.extend(names);
            tell_problems(operation);
        }
    }
    let Some(components) = &mut document.components else { return };
    for name in with_members(&components.schemas, bodies) {
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(&name) {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            if creating.contains(&name) {
                object.properties.insert("idempotency_key".to_owned(), idempotency_key());
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

fn takes(operation: &Operation, header: &str) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == header))
}

fn idempotency_key() -> RefOr<Schema> {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(IDEMPOTENCY_KEY_BYTES_MAX))
        .description(Some(
            "The same key and request never make two things; as the header `Idempotency-Key`.",
        ));
    schema.build().into()
}

/// Names of the schemas a request body refers to.
fn body_schemas(operation: &Operation) -> BTreeSet<String> {
    let body = serde_json::to_value(&operation.request_body).unwrap_or_default();
    referred(&body)
}

/// Names of the schemas referred to anywhere in a value.
fn referred(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(object) => {
            let here = object.get("$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next());
            here.map(str::to_owned).into_iter().chain(object.values().flat_map(referred)).collect()
        }
        Value::Array(items) => items.iter().flat_map(referred).collect(),
        _ => BTreeSet::new(),
    }
}

/// The schemas and all they refer to: objects inside a body are as strict as the body.
fn with_members<'a>(
    schemas: impl IntoIterator<Item = (&'a String, &'a RefOr<Schema>)>,
    mut names: BTreeSet<String>,
) -> BTreeSet<String> {
    let members: BTreeMap<&String, BTreeSet<String>> = schemas
        .into_iter()
        .map(|(name, schema)| (name, referred(&serde_json::to_value(schema).unwrap_or_default())))
        .collect();
    let mut known = 0;
    while known != names.len() {
        known = names.len();
        let next: Vec<String> =
            names.iter().filter_map(|name| members.get(name)).flatten().cloned().collect();
        names.extend(next);
    }
    names
}

fn tell_problems(operation: &mut Operation) {
    let mut by_status: BTreeMap<u16, Vec<ProblemCode>> = BTreeMap::new();
    let codes = problems_of(operation);
    for code in &codes {
        by_status.entry(code.status()).or_default().push(*code);
    }
    for (status, codes) in by_status {
        operation.responses.responses.insert(status.to_string(), RefOr::T(response(&codes)));
    }
    let words: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    operation.extensions.get_or_insert_default().insert(PROBLEMS.to_owned(), json!(words));
}

/// Those the route names, and those that follow from what it takes. In the catalogue's order.
fn problems_of(operation: &Operation) -> Vec<ProblemCode> {
    let named = operation
        .extensions
        .as_ref()
        .and_then(|extensions| extensions.get(PROBLEMS))
        .and_then(Value::as_array);
    let named: Vec<ProblemCode> =
        named.into_iter().flatten().filter_map(|code| code.as_str()?.parse().ok()).collect();
    let has_path_parameter = operation.parameters.iter().flatten().any(
        |parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Path),
    );
    let follows = |code: ProblemCode| match code {
        ProblemCode::InvalidKey | ProblemCode::ForbiddenScope | ProblemCode::RateLimited => {
            operation.security.is_some()
        }
        ProblemCode::NotFound => has_path_parameter,
        ProblemCode::InvalidRequest | ProblemCode::PayloadTooLarge | ProblemCode::UnsupportedMediaType => {
            operation.request_body.is_some()
        }
        ProblemCode::Internal | ProblemCode::Overloaded | ProblemCode::StoreUnavailable => true,
        _ => false,
    };
    ProblemCode::iter().filter(|code| named.contains(code) || follows(*code)).collect()
}

fn response(codes: &[ProblemCode]) -> Response {
    let told: Vec<String> =
        codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.title())).collect();
    let schema = Ref::from_schema_name(problem_schema::NAME);
    let response = ResponseBuilder::new()
        .description(told.join("; "))
        .content("application/problem+json", Content::new(Some(schema)));
    let header = match codes.first().map(|code| code.status()) {
        Some(401) => Some(("WWW-Authenticate", "`Bearer`")),
        Some(429 | 503) => Some(("Retry-After", "Seconds after which a repetition is welcome.")),
        _ => None,
    };
    let described = header.map(|(name, text)| {
        (
            name,
            HeaderBuilder::new()
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .description(Some(text))
                .build(),
        )
    });
    match described {
        Some((name, header)) => response.header(name, header).build(),
        None => response.build(),
    }
}
