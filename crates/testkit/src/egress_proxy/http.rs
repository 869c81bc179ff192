//! The server's side of an HTTP proxy: `CONNECT`, and nothing else.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::BytesMut;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{NotServed, ProxyAsk, ProxyMood, State};
use crate::received_request::ReceivedRequest;

pub(super) async fn admit(client: &mut TcpStream, state: &State) -> Result<(), NotServed> {
    let request = ReceivedRequest::read(client, &mut BytesMut::new()).await.ok_or(NotServed)?;
    let status = status_for(&request, state);
    let sent = client.write_all(format!("HTTP/1.1 {status}\r\nVia: 1.1 test\r\n\r\n").as_bytes()).await;
    if status == OK && sent.is_ok() { Ok(()) } else { Err(NotServed) }
}

const OK: &str = "200 Connection established";

fn status_for(request: &ReceivedRequest, state: &State) -> &'static str {
    if request.method != "CONNECT" {
        return "405 Method Not Allowed";
    }
    let credentials = request.header("proxy-authorization").and_then(basic);
    if let ProxyMood::ServeKnown(user, password) = state.mood()
        && credentials.as_ref() != Some(&(user, password))
    {
        return "407 Proxy Authentication Required";
    }
    let ask = ProxyAsk { target: request.target.clone(), credentials };
    if state.admits(ask) { OK } else { "403 Forbidden" }
}

fn basic(value: &str) -> Option<(String, String)> {
    let decoded = BASE64_STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}
