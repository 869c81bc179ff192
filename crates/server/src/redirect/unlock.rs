//! The cookie that says that a visitor knew a link's password: sealed, for one link and its present password, for an hour.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hopline_domain::{
    id::LinkId,
    short_link::{LinkSecret, Unlocked},
    time::Timestamp,
};
use hopline_signing::{SEALING_NONCE_BYTES, Sealed};
use http::{HeaderMap, header};

use crate::app::App;

const UNLOCKED_S: i64 = 3_600;
/// The longest value that can be one of ours.
const VALUE_BYTES_MAX: usize = 256;

/// Binds the cookie to the link and to its password: a changed password locks everybody out.
fn context(link_id: LinkId, LinkSecret(hash): &LinkSecret) -> String {
    format!("link_unlock:{link_id}:{hash}")
}

/// `Set-Cookie` for who knew the password.
pub(super) fn set_cookie(app: &App, link_id: LinkId, secret: &LinkSecret, now: Timestamp) -> String {
    let mut nonce = [0; SEALING_NONCE_BYTES];
    app.parts.entropy.fill(&mut nonce);
    let until = now.plus_ms(UNLOCKED_S * 1_000).0.to_be_bytes();
    let sealed = app.parts.master_key.seal(&context(link_id, secret), &until, nonce).into_bytes();
    let value = URL_SAFE_NO_PAD.encode(sealed);
    let secure = if app.parts.public_url.scheme() == "https" { "; Secure" } else { "" };
    format!("{}={value}; Max-Age={UNLOCKED_S}; Path=/; HttpOnly; SameSite=Lax{secure}", name(link_id))
}

/// What the request's cookies say.
pub(super) fn read(
    app: &App,
    headers: &HeaderMap,
    (link_id, secret): (LinkId, &LinkSecret),
    now: Timestamp,
) -> Unlocked {
    let name = name(link_id);
    let opens = |value: &str| until(app, value, &context(link_id, secret)).is_some_and(|until| now < until);
    if cookies(headers, &name).any(opens) { Unlocked::Yes } else { Unlocked::No }
}

fn name(link_id: LinkId) -> String {
    format!("hopline_{link_id}")
}

fn cookies<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs
        .filter(move |(given, value)| *given == name && value.len() <= VALUE_BYTES_MAX)
        .map(|(_, value)| value)
        .take(4)
}

fn until(app: &App, value: &str, context: &str) -> Option<Timestamp> {
    let sealed = Sealed::from_bytes(URL_SAFE_NO_PAD.decode(value).ok()?);
    let opened = app.parts.master_key.open(context, &sealed).ok()?;
    Some(Timestamp(i64::from_be_bytes(opened.as_slice().try_into().ok()?)))
}
