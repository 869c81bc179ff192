//! A gzip stream of zeros that never ends, built by hand: RFC 1951 §3.2.6 (fixed Huffman codes), RFC 1952 §2.3.

use bytes::Bytes;

/// Magic, deflate, no flags, no time, no extra flags, unknown system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// Final block with fixed codes: BFINAL = 1, BTYPE = 01, least significant bit first.
const BLOCK_HEADER: &str = "110";
/// The literal byte 0.
const LITERAL_ZERO: &str = "00110000";
/// Length code 285 (258 bytes), then distance code 0 (one byte back): 258 more zeros in 13 bits.
const REPEAT_258: &str = "1100010100000";

/// Gzip header, block header, one zero and one repeat: ends on a byte boundary (3 + 8 + 13 bits).
pub(super) fn start() -> Bytes {
    [&GZIP_HEADER[..], &pack(&[BLOCK_HEADER, LITERAL_ZERO, REPEAT_258].concat())].concat().into()
}

/// Eight repeats: 13 bytes that stand for 2,064 zeros, many times over so that writes are worth their cost.
pub(super) fn period() -> Bytes {
    pack(&REPEAT_258.repeat(8)).repeat(1024).into()
}

/// Packs bits into bytes, the first bit lowest (RFC 1951 §3.1.1). The text's length is a multiple of eight.
fn pack(bits: &str) -> Vec<u8> {
    let byte = |eight: &[u8]| eight.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit == b'1'));
    bits.as_bytes().chunks(8).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use async_compression::tokio::bufread::GzipDecoder;
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn inflates_to_zeros() {
        let compressed = [start(), period(), period()].concat();
        let mut zeros = vec![1_u8; 1 << 20];
        GzipDecoder::new(compressed.as_slice()).read_exact(&mut zeros).await.unwrap();
        assert!(zeros.iter().all(|byte| *byte == 0));
    }
}
