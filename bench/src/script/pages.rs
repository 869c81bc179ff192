//! The oracle's pages that only a script, a click of a script, or a form leaves, and a server that serves them.

use std::{collections::HashMap, sync::Arc};

use anyhow::Context;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::farm::background;

const CASES: &str = include_str!("../../../crates/testkit/data/oracle-cases.json");
/// The port in the cases; any other with as many digits can stand for it.
const CASES_PORT: &str = "18080";
const PORT_TRIES: usize = 20;
const HEAD_BYTES_MAX: usize = 64 * 1024;
const FINAL: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 20\r\nConnection: close\r\n\r\n<title>FINAL</title>";
const REASONS: [&str; 5] =
    ["{scriptInitiated}", "{anchorClick}", "{reload}", "{formSubmissionPost}", "{formSubmissionGet}"];

#[derive(Clone)]
pub struct Page {
    pub name: String,
    pub url: String,
    /// Where Chromium ended.
    pub destination: String,
    pub html: String,
    response: Vec<u8>,
}

/// Serves the pages until the program ends. Pages with timers are left out: a browser waits for them, we do not.
pub async fn serve() -> anyhow::Result<Vec<Page>> {
    let (listener, port) = listen().await?;
    let pages = read(&port)?;
    let answers: HashMap<String, Vec<u8>> = pages
        .iter()
        .filter_map(|page| Some((page.url.split(&port).nth(1)?.to_owned(), page.response.clone())))
        .collect();
    let answers = Arc::new(answers);
    background(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answers = Arc::clone(&answers);
            background(async move { drop(answer(stream, &answers).await) });
        }
    });
    Ok(pages)
}

async fn listen() -> anyhow::Result<(TcpListener, String)> {
    for _ in 0..PORT_TRIES {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port().to_string();
        if port.len() == CASES_PORT.len() {
            return Ok((listener, port));
        }
    }
    anyhow::bail!("find a free port of {} digits", CASES_PORT.len())
}

fn read(port: &str) -> anyhow::Result<Vec<Page>> {
    let cases: serde_json::Value = serde_json::from_str(&CASES.replace(CASES_PORT, port))?;
    let cases = cases.as_array().context("read the oracle's cases")?;
    let left = cases.iter().filter(|case| {
        let events = case["chromium"]["events"].as_array().into_iter().flatten();
        events.filter_map(|event| event.as_str()).any(|event| REASONS.contains(&event))
    });
    let pages: Result<Vec<Page>, _> = left.map(|case| page(case, port)).collect();
    Ok(pages?.into_iter().filter(|page| !page.html.contains("setTimeout")).collect())
}

fn page(case: &serde_json::Value, port: &str) -> anyhow::Result<Page> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let response = STANDARD.decode(text(&case["response_b64"]))?;
    let response = String::from_utf8(response)?.replace(CASES_PORT, port);
    let (_, html) = response.split_once("\r\n\r\n").context("split a case's head from its body")?;
    Ok(Page {
        name: text(&case["name"]),
        url: format!("http://a.test:{port}{}", text(&case["path"])),
        destination: text(&case["chromium"]["final"]),
        html: html.to_owned(),
        response: response.into_bytes(),
    })
}

async fn answer(mut stream: TcpStream, answers: &HashMap<String, Vec<u8>>) -> anyhow::Result<()> {
    let mut buffer = Vec::with_capacity(4096);
    while !buffer.windows(4).any(|window| window == b"\r\n\r\n") {
        if buffer.len() > HEAD_BYTES_MAX || stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
    let target = buffer.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    let target = String::from_utf8_lossy(target);
    let path = target.split('?').next().unwrap_or_default();
    let bytes = answers.get(path).cloned().unwrap_or_else(|| subresource(path).into_bytes());
    stream.write_all(&bytes).await?;
    Ok(stream.shutdown().await?)
}

/// What the pages load beside themselves.
pub fn subresource(path: &str) -> String {
    let (content_type, body) = match path {
        "/ext.js" => ("text/javascript", "location='/final'"),
        "/json" => ("application/json", r#"{"url":"/final"}"#),
        _ => return FINAL.to_owned(),
    };
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}
