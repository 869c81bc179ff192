//! The cookies of one chain: a jar that lives as long as the chain (RFC 6265 as browsers read it).

mod date;
mod jar;
mod set_cookie;

pub(crate) use jar::{Cookie, CookieJar, SentCookies};
