//! The schema of every refusal.

use hopline_domain::problem::ProblemCode;
use strum::IntoEnumIterator;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Components, ObjectBuilder, RefOr, Schema, Type, schema::AdditionalProperties},
};

pub(super) const NAME: &str = "Problem";
const FAULT: &str = "Fault";

/// A refusal (RFC 9457). `code` is stable; more members may follow, such as `balance`, `limit` or `resets_at`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; `problem.rs` writes it")]
struct ProblemDocument {
    /// Address of the page about this code.
    #[schema(format = "uri")]
    r#type: String,
    title: String,
    /// The HTTP status.
    status: u16,
    code: Code,
    /// What happened to this request.
    detail: String,
    /// The answer's `X-Request-Id`.
    request_id: String,
    /// A finer word.
    #[schema(nullable = false)]
    reason: Option<String>,
    /// Every fault of the request at once.
    #[schema(nullable = false)]
    errors: Option<Vec<FaultDocument>>,
}

/// One fault of a request.
#[derive(ToSchema)]
#[schema(as = Fault)]
#[expect(dead_code, reason = "describes the wire; `problem.rs` writes it")]
struct FaultDocument {
    /// JSON pointer into the body, `?name` of a query parameter, or a header's name.
    #[schema(example = "/webhook_url")]
    pointer: String,
    code: String,
    detail: String,
}

/// The closed catalogue.
struct Code;

impl ToSchema for Code {}

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        let codes = ProblemCode::iter().map(ProblemCode::as_str);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).build().into()
    }
}

pub(super) fn add(components: &mut Components) {
    components.schemas.insert("Code".to_owned(), Code::schema());
    components.schemas.insert(FAULT.to_owned(), FaultDocument::schema());
    let mut problem = ProblemDocument::schema();
    if let RefOr::T(Schema::Object(object)) = &mut problem {
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(true)));
    }
    components.schemas.insert(NAME.to_owned(), problem);
}
