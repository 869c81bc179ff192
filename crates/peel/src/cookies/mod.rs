//! The cookies of one chain: a jar that lives as long as the chain (RFC 6265 as browsers read it).

mod date;
mod jar;
mod same_site;
mod set_cookie;

pub(crate) use jar::{Cookie, CookieJar, SentCookies};
pub(crate) use same_site::{Sender, is_same_site};
