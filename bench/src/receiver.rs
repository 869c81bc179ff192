//! Webhook receivers for load: a fast one that notes when each job's delivery came, and one that never answers.

use std::{collections::HashMap, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Mutex,
};

use crate::{farm::background, stopwatch::Stopwatch};

const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// Arrival of each job's first delivery, in seconds since the stopwatch began.
pub type Arrivals = Arc<Mutex<HashMap<String, f64>>>;

pub async fn fast(arrivals: Arrivals, watch: Stopwatch) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    background(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let arrivals = Arc::clone(&arrivals);
            background(async move { drop(receive(stream, &arrivals, watch).await) });
        }
    });
    Ok(address)
}

/// Accepts connections, reads, and never answers.
pub async fn hanging() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    background(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            background(async move {
                let mut buffer = [0_u8; 4096];
                while matches!(stream.read(&mut buffer).await, Ok(1..)) {}
            });
        }
    });
    Ok(address)
}

async fn receive(mut stream: TcpStream, arrivals: &Arrivals, watch: Stopwatch) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(8192);
    loop {
        while let Some((end, length)) = whole_request(&buffer) {
            let body = String::from_utf8_lossy(&buffer[end..end + length]).into_owned();
            stream.write_all(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n").await?;
            if let Some(job) = job_of(&body) {
                arrivals.lock().await.entry(job.to_owned()).or_insert_with(|| watch.seconds());
            }
            buffer.drain(..end + length);
        }
        if buffer.len() > REQUEST_BYTES_MAX || stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
}

fn whole_request(buffer: &[u8]) -> Option<(usize, usize)> {
    let end = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&buffer[..end]).ok()?.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse().ok()?;
    (buffer.len() >= end + length).then_some((end, length))
}

/// The job id in a flat delivery body; the floor's bodies look the same.
pub fn job_of(body: &str) -> Option<&str> {
    let rest = body.split_once(r#""job_id":""#)?.1;
    rest.split_once('"').map(|(job, _)| job)
}
