//! First segments that the server answers itself, on every domain and in any case.

/// Contracts §7. Some of these can't be a segment today; they are kept so that a wider grammar stays safe.
const RESERVED: [&str; 13] = [
    "v1",
    "api",
    "app",
    "docs",
    "feeds",
    "openapi.json",
    "healthz",
    "readyz",
    "metrics",
    ".well-known",
    "robots.txt",
    "favicon.ico",
    "assets",
];

/// Whether a path that begins with this segment is the server's own.
pub fn is_reserved(first_segment: &str) -> bool {
    first_segment.starts_with('_') || RESERVED.iter().any(|word| word.eq_ignore_ascii_case(first_segment))
}
