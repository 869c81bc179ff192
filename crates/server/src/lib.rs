//! The HTTP face: axum routes, extractors and problem documents.
