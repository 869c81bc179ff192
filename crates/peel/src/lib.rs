//! The resolver: follows one link hop by hop and keeps the evidence.

pub mod cookies;
pub mod html;
pub mod location;
pub mod refresh;
pub mod schedule;
pub mod url_text;
