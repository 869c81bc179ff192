//! Frames over a worker's pipes.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::protocol::{FROM_WORKER_BYTES_MAX, FrameError, FromWorker, HEAD_BYTES, body_bytes};

/// A message and what it weighed.
pub(super) struct Heard {
    pub(super) message: FromWorker,
    pub(super) bytes: usize,
}

/// The next message, or `None` where the stream ends, be it within a frame: the process behind it is dying then.
pub(super) async fn hear(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<Heard>, FrameError> {
    let mut head = [0; HEAD_BYTES];
    if let Err(error) = stream.read_exact(&mut head).await {
        return if is_end(&error) { Ok(None) } else { Err(error.into()) };
    }
    let bytes = body_bytes(head, FROM_WORKER_BYTES_MAX)?;
    let mut body = Vec::new();
    if stream.take(bytes as u64).read_to_end(&mut body).await? < bytes {
        return Ok(None);
    }
    Ok(Some(Heard { message: serde_json::from_slice(&body)?, bytes }))
}

fn is_end(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::UnexpectedEof
}
