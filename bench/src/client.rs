//! A lean keep-alive HTTP/1.1 client for load: writes given bytes, reads one answer with a Content-Length.

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const ANSWER_BYTES_MAX: usize = 1024 * 1024;

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    /// Sends a whole request and answers its status and body.
    pub async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(u16, Vec<u8>)> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (head_end, length) = loop {
            if let Some(found) = parse_head(&self.buffer) {
                break found;
            }
            self.fill().await?;
        };
        while self.buffer.len() < head_end + length {
            self.fill().await?;
        }
        let status = std::str::from_utf8(&self.buffer[9..12])?.parse()?;
        Ok((status, self.buffer[head_end..head_end + length].to_vec()))
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        if self.buffer.len() > ANSWER_BYTES_MAX {
            bail!("the answer is too large");
        }
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

/// End of the head and length of the body, once the head is whole.
fn parse_head(buffer: &[u8]) -> Option<(usize, usize)> {
    let end = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&buffer[..end]).ok()?.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|v| v.trim().parse().ok());
    Some((end, length.unwrap_or(0)))
}

/// A `POST /v1/resolve` as bytes.
pub fn resolve_request(key: &str, body: &str) -> Vec<u8> {
    request("POST", "/v1/resolve", key, body)
}

/// An API call as bytes; without a body it has no type.
pub fn request(method: &str, path: &str, key: &str, body: &str) -> Vec<u8> {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n{kind}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
