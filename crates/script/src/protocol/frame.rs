//! One frame: the length of its JSON as four bytes, little-endian, then the JSON.

use std::io::{self, Read};

use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

/// Bytes before the JSON.
pub(crate) const HEAD_BYTES: usize = 4;

#[derive(Debug, Error)]
pub(crate) enum FrameError {
    #[error("the stream ended within a frame")]
    Cut,
    #[error("a frame is {bytes} bytes long, {bytes_max} are the most")]
    TooLong { bytes: usize, bytes_max: usize },
    #[error("the page asks for more than a page may")]
    Spent,
    #[error("a message is out of turn")]
    Unexpected,
    #[error("a frame is not the JSON of a message")]
    Json(#[from] serde_json::Error),
    #[error("the pipe failed")]
    Io(#[from] io::Error),
}

/// The whole frame of a message.
pub(crate) fn encode(message: &impl Serialize, bytes_max: usize) -> Result<Vec<u8>, FrameError> {
    let mut frame = vec![0; HEAD_BYTES];
    serde_json::to_writer(&mut frame, message)?;
    let bytes = frame.len() - HEAD_BYTES;
    let head = u32::try_from(bytes).ok().filter(|_| bytes <= bytes_max);
    let head = head.ok_or(FrameError::TooLong { bytes, bytes_max })?;
    frame[..HEAD_BYTES].copy_from_slice(&head.to_le_bytes());
    Ok(frame)
}

/// How long the JSON behind a head is, if it may be that long.
pub(crate) fn body_bytes(head: [u8; HEAD_BYTES], bytes_max: usize) -> Result<usize, FrameError> {
    let bytes = usize::try_from(u32::from_le_bytes(head)).unwrap_or(usize::MAX);
    if bytes > bytes_max {
        return Err(FrameError::TooLong { bytes, bytes_max });
    }
    Ok(bytes)
}

/// The next message, or `None` where the stream ends between two frames. Keeps no more than has arrived.
pub(crate) fn read<T: DeserializeOwned>(
    stream: &mut impl Read,
    bytes_max: usize,
) -> Result<Option<T>, FrameError> {
    let mut head = [0; HEAD_BYTES];
    let first = stream.read(&mut head)?;
    if first == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut head[first..]).map_err(cut)?;
    let bytes = body_bytes(head, bytes_max)?;
    let mut body = Vec::new();
    if stream.by_ref().take(bytes as u64).read_to_end(&mut body)? < bytes {
        return Err(FrameError::Cut);
    }
    Ok(Some(serde_json::from_slice(&body)?))
}

fn cut(error: io::Error) -> FrameError {
    if error.kind() == io::ErrorKind::UnexpectedEof { FrameError::Cut } else { FrameError::Io(error) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BYTES_MAX: usize = 64;

    fn read_text(mut bytes: &[u8]) -> Result<Option<String>, FrameError> {
        read(&mut bytes, BYTES_MAX)
    }

    #[test]
    fn what_is_written_is_read() {
        let frame = encode(&"a\u{0}é", BYTES_MAX).unwrap();
        assert_eq!(read_text(&frame).unwrap().unwrap(), "a\u{0}é");
        assert_eq!(read_text(&[]).unwrap(), None);
    }

    #[test]
    fn a_frame_beyond_the_bound_is_neither_written_nor_kept() {
        let long = "a".repeat(BYTES_MAX);
        assert!(matches!(encode(&long, BYTES_MAX), Err(FrameError::TooLong { bytes: 66, .. })));
        assert!(matches!(read_text(&[0xFF; 8]), Err(FrameError::TooLong { .. })));
    }

    #[test]
    fn a_frame_cut_anywhere_is_an_error() {
        let frame = encode(&"abc", BYTES_MAX).unwrap();
        for end in 1..frame.len() {
            assert!(matches!(read_text(&frame[..end]), Err(FrameError::Cut)), "cut at {end}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..128)) {
            let _ = read_text(&bytes);
        }

        #[test]
        fn any_text_survives(text in ".{0,9}") {
            prop_assert_eq!(read_text(&encode(&text, BYTES_MAX).unwrap()).unwrap(), Some(text));
        }
    }
}
