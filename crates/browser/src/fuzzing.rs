//! What the fuzz targets of `fuzz/` may reach of this room: the reader of what the browser says. Built by cargo-fuzz alone.

use crate::cdp::next_message;

/// Cuts a stream of the browser's into messages; how many bytes they had in all.
pub async fn message_bytes(mut stream: &[u8]) -> usize {
    let mut bytes = 0;
    while let Ok(Some(message)) = next_message(&mut stream).await {
        bytes += message.len();
    }
    bytes
}
