//! Cutting the byte stream of the pipe into messages.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// A page can make the browser send long messages, `data:` URLs for one; a longer one ends the process. The largest
/// picture and the largest source (which is written with six bytes a character) fit in.
const MESSAGE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The next message without its NUL; `None` at the end of the stream. A message cut off by the end is dropped.
pub(crate) async fn next<R: AsyncBufRead + Unpin>(reader: &mut R) -> io::Result<Option<Vec<u8>>> {
    let mut message = Vec::new();
    reader.take(MESSAGE_BYTES_MAX).read_until(0, &mut message).await?;
    match message.pop() {
        Some(0) => Ok(Some(message)),
        Some(_) if message.len() as u64 + 1 == MESSAGE_BYTES_MAX => {
            Err(io::Error::new(io::ErrorKind::InvalidData, "a message of the browser is too long"))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_end_at_nul_bytes_and_nowhere_else() {
        let mut stream = &b"{\"id\":1}\0{\"method\":\"a\\n\"}\0\0cut"[..];
        assert_eq!(next(&mut stream).await.unwrap().as_deref(), Some(&b"{\"id\":1}"[..]));
        assert_eq!(next(&mut stream).await.unwrap().as_deref(), Some(&b"{\"method\":\"a\\n\"}"[..]));
        assert_eq!(next(&mut stream).await.unwrap().as_deref(), Some(&b""[..]));
        assert_eq!(next(&mut stream).await.unwrap(), None);
        assert_eq!(next(&mut stream).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_message_that_never_ends_is_an_error() {
        let mut stream = tokio::io::BufReader::new(tokio::io::repeat(b'x'));
        assert_eq!(next(&mut stream).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
