//! Links on the wire, described for the API's document. Values are read and written elsewhere, member by member.
#![expect(dead_code, reason = "describes the wire; the values are read member by member")]

use serde_json::Value;
use utoipa::ToSchema;

/// A link to make.
#[derive(ToSchema)]
pub(crate) struct CreateLink {
    /// Where the link leads: http or https, at most 2048 bytes.
    #[schema(max_length = 2048, example = "https://example.com/summer?size=m")]
    url: String,
    /// One to five segments joined by `/`; 7 random characters if left out.
    #[schema(min_length = 1, max_length = 100, example = "summer", nullable = false)]
    slug: Option<String>,
    #[schema(max_length = 300)]
    title: Option<String>,
    /// By name; new ones are made. Each has 1 to 50 characters.
    #[schema(max_items = 20, example = json!(["Campaign"]))]
    tags: Option<Vec<String>>,
    /// A `draft` answers 404 until it is `active`; an `archived` one goes on redirecting, but leaves the default list.
    #[schema(pattern = "^(active|disabled|draft|archived)$")]
    status: Option<String>,
    /// Before that the link answers 404.
    #[schema(format = DateTime)]
    starts_at: Option<String>,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Where visits go once the link has expired; 410 without it.
    #[schema(max_length = 2048)]
    expired_url: Option<String>,
    /// Clicks of people after which the link ends.
    #[schema(minimum = 1)]
    max_clicks: Option<u64>,
    /// Where visits go once `max_clicks` is reached; 410 without it.
    #[schema(max_length = 2048)]
    limit_url: Option<String>,
    /// Kept as a hash and never shown.
    #[schema(min_length = 1, max_length = 256)]
    password: Option<String>,
    /// 301, 302, 307 or 308; 302 if left out.
    #[schema(example = 302)]
    redirect_status: Option<u16>,
    /// Seconds a browser may keep the redirect, which hides later clicks; not at all if left out.
    cache_max_age_s: Option<u32>,
    /// Hand the visitor's query on; `true` if left out.
    forward_query: Option<bool>,
    /// Hand on what follows the slug; `false` if left out.
    forward_path: Option<bool>,
    /// In order; the first whose conditions all hold chooses the destination.
    #[schema(max_items = 50)]
    rules: Option<Vec<LinkRule>>,
    utm: Option<LinkUtm>,
    /// Your own id, unique in the workspace.
    #[schema(min_length = 1, max_length = 128)]
    external_id: Option<String>,
    #[schema(max_length = 2000)]
    note: Option<String>,
    og: Option<LinkOpenGraph>,
    /// A saved QR design.
    #[schema(value_type = Option<Object>)]
    qr: Option<Value>,
    watch: Option<LinkWatch>,
    /// Host of one of your verified domains; the server's own if left out.
    #[schema(example = "go.example.com")]
    domain: Option<String>,
}

/// Changes to a link; what is left out stays, `null` clears.
#[derive(ToSchema)]
pub(crate) struct UpdateLink {
    /// Where the link leads: http or https, at most 2048 bytes.
    #[schema(max_length = 2048, nullable = false)]
    url: Option<String>,
    /// One to five segments joined by `/`; the old one is free for this workspace then.
    #[schema(min_length = 1, max_length = 100, example = "summer", nullable = false)]
    slug: Option<String>,
    #[schema(max_length = 300)]
    title: Option<String>,
    /// By name; new ones are made. Each has 1 to 50 characters.
    #[schema(max_items = 20, example = json!(["Campaign"]))]
    tags: Option<Vec<String>>,
    /// A `draft` answers 404 until it is `active`; an `archived` one goes on redirecting, but leaves the default list.
    #[schema(pattern = "^(active|disabled|draft|archived|blocked)$")]
    status: Option<String>,
    /// Before that the link answers 404.
    #[schema(format = DateTime)]
    starts_at: Option<String>,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Where visits go once the link has expired; 410 without it.
    #[schema(max_length = 2048)]
    expired_url: Option<String>,
    /// Clicks of people after which the link ends.
    #[schema(minimum = 1)]
    max_clicks: Option<u64>,
    /// Where visits go once `max_clicks` is reached; 410 without it.
    #[schema(max_length = 2048)]
    limit_url: Option<String>,
    /// Kept as a hash and never shown.
    #[schema(min_length = 1, max_length = 256)]
    password: Option<String>,
    /// 301, 302, 307 or 308; 302 if left out.
    #[schema(example = 302)]
    redirect_status: Option<u16>,
    /// Seconds a browser may keep the redirect, which hides later clicks; not at all if left out.
    cache_max_age_s: Option<u32>,
    /// Hand the visitor's query on; `true` if left out.
    forward_query: Option<bool>,
    /// Hand on what follows the slug; `false` if left out.
    forward_path: Option<bool>,
    /// In order; the first whose conditions all hold chooses the destination.
    #[schema(max_items = 50)]
    rules: Option<Vec<LinkRule>>,
    utm: Option<LinkUtm>,
    /// Your own id, unique in the workspace.
    #[schema(min_length = 1, max_length = 128)]
    external_id: Option<String>,
    #[schema(max_length = 2000)]
    note: Option<String>,
    og: Option<LinkOpenGraph>,
    /// A saved QR design.
    #[schema(value_type = Option<Object>)]
    qr: Option<Value>,
    watch: Option<LinkWatch>,
    /// Blocks the link, or with `null` frees it; for the server's operator.
    #[schema(max_length = 500)]
    blocked_reason: Option<String>,
}

/// Where some visits go instead.
#[derive(ToSchema)]
pub(crate) struct LinkRule {
    when: LinkConditions,
    #[schema(max_length = 2048)]
    url: String,
}

/// What must hold of a visit: every condition given, of a list one value.
#[derive(ToSchema)]
pub(crate) struct LinkConditions {
    /// ISO 3166-1 alpha-2 codes.
    #[schema(example = json!(["DE", "AT"]))]
    country: Option<Vec<String>>,
    device: Option<Vec<String>>,
    os: Option<Vec<String>>,
    browser: Option<Vec<String>>,
    /// `de` holds for `de-AT` too.
    language: Option<Vec<String>>,
    /// Parameters the visit's query must have; `null` for any value.
    #[schema(value_type = Option<Object>)]
    query: Option<Value>,
    cidr: Option<Vec<String>>,
    #[schema(value_type = Option<Object>)]
    time_window: Option<Value>,
    /// 0 to 100; the same visitor always falls on the same side.
    #[schema(maximum = 100)]
    percent: Option<u8>,
}

/// Campaign parameters added to the destination.
#[derive(ToSchema)]
pub(crate) struct LinkUtm {
    source: Option<String>,
    medium: Option<String>,
    campaign: Option<String>,
    term: Option<String>,
    content: Option<String>,
}

/// What link-preview bots are shown.
#[derive(ToSchema)]
pub(crate) struct LinkOpenGraph {
    title: Option<String>,
    description: Option<String>,
    image: Option<String>,
}

/// How often the destination is checked.
#[derive(ToSchema)]
pub(crate) struct LinkWatch {
    /// 3600 or more; a plan may allow less.
    interval_s: u32,
    /// The registrable domain the link should lead to.
    expected_domain: Option<String>,
}

/// What the last check of the destination found.
#[derive(ToSchema)]
pub(crate) struct LinkHealthBody {
    #[schema(pattern = "^(unknown|healthy|broken|drifted)$")]
    status: String,
    reason: Option<String>,
    #[schema(format = DateTime)]
    checked_at: Option<String>,
    final_url: Option<String>,
}

/// A link as it is kept.
#[derive(ToSchema)]
pub(crate) struct KeptLink {
    #[schema(example = "lnk_019e97803c0070008000000000000001")]
    id: String,
    #[schema(example = "go.example.com")]
    domain: String,
    slug: String,
    #[schema(example = "https://go.example.com/summer")]
    short_url: String,
    url: String,
    title: Option<String>,
    tags: Vec<String>,
    #[schema(pattern = "^(active|disabled|draft|archived|blocked)$")]
    status: String,
    /// Why the server's operator blocked it.
    blocked_reason: Option<String>,
    #[schema(format = DateTime)]
    starts_at: Option<String>,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    expired_url: Option<String>,
    max_clicks: Option<u64>,
    limit_url: Option<String>,
    has_password: bool,
    redirect_status: u16,
    cache_max_age_s: Option<u32>,
    forward_query: bool,
    forward_path: bool,
    rules: Vec<LinkRule>,
    utm: LinkUtm,
    external_id: Option<String>,
    note: Option<String>,
    og: LinkOpenGraph,
    #[schema(value_type = Option<Object>)]
    qr: Option<Value>,
    watch: Option<LinkWatch>,
    health: LinkHealthBody,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// The key that made it.
    created_by: Option<String>,
}
