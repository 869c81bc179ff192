//! A fast local web: `/chain/{n}` redirects n times over keep-alive, then answers a page.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const HEAD_BYTES_MAX: usize = 64 * 1024;
const PAGE: &str = "<!doctype html><title>Arrived</title><p>The end of the chain.";

/// Serves until the program ends; answers its address.
pub async fn start() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let page = Arc::new(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n{PAGE}",
        PAGE.len()
    ));
    background(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let page = Arc::clone(&page);
            background(async move { drop(serve(stream, &page).await) });
        }
    });
    Ok(address)
}

/// Runs for as long as the program does.
#[expect(clippy::disallowed_methods, reason = "a benchmark's servers end with the program")]
pub fn background(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}

async fn serve(mut stream: TcpStream, page: &str) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4096);
    while buffer.len() < HEAD_BYTES_MAX {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let answer = answer(&buffer[..end], page);
            stream.write_all(answer.as_bytes()).await?;
            buffer.drain(..end + 4);
        } else if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
    Ok(())
}

fn answer(head: &[u8], page: &str) -> String {
    let target = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    let target = String::from_utf8_lossy(target);
    let left = target
        .strip_prefix("/chain/")
        .and_then(|rest| rest.split('?').next()?.parse::<u32>().ok())
        .unwrap_or(0);
    let query = target.split_once('?').map_or("", |(_, query)| query);
    if left == 0 {
        return page.to_owned();
    }
    format!("HTTP/1.1 302 Found\r\nLocation: /chain/{}?{query}\r\nContent-Length: 0\r\n\r\n", left - 1)
}
