//! Passing bytes on, both ways and untouched, as long as the link may spend them.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};

use super::ledger::Ledger;

const BUFFER_BYTES: usize = 16 * 1024;

/// Ends when both sides have ended, one fails, or the bytes run out.
pub(super) async fn pump<A, B>(browser: A, remote: B, ledger: &Ledger) -> io::Result<()>
where
    A: AsyncRead + AsyncWrite,
    B: AsyncRead + AsyncWrite,
{
    let (browser_in, browser_out) = split(browser);
    let (remote_in, remote_out) = split(remote);
    let (up, down) = (one_way(browser_in, remote_out, ledger), one_way(remote_in, browser_out, ledger));
    tokio::try_join!(up, down).map(drop)
}

async fn one_way<R, W>(mut from: R, mut to: W, ledger: &Ledger) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return to.shutdown().await;
        }
        if !ledger.spend(count) {
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, "the link used up its bytes"));
        }
        to.write_all(&buffer[..count]).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_arrive_as_they_were_and_ends_are_passed_on() {
        let (ours, mut browser) = tokio::io::duplex(64);
        let (theirs, mut remote) = tokio::io::duplex(64);
        let ledger = Ledger::new(1_000);
        let talk = async {
            browser.write_all(b"\x00question\xff").await.unwrap();
            browser.shutdown().await.unwrap();
            let mut question = Vec::new();
            remote.read_to_end(&mut question).await.unwrap();
            remote.write_all(b"\r\n\xe9").await.unwrap();
            drop(remote);
            let mut answer = Vec::new();
            browser.read_to_end(&mut answer).await.unwrap();
            (question, answer)
        };
        let (pumped, (question, answer)) = tokio::join!(pump(ours, theirs, &ledger), talk);
        pumped.unwrap();
        assert_eq!((question.as_slice(), answer.as_slice()), (&b"\x00question\xff"[..], &b"\r\n\xe9"[..]));
    }

    #[tokio::test]
    async fn a_link_that_used_up_its_bytes_is_cut() {
        let (ours, mut browser) = tokio::io::duplex(64);
        let (theirs, mut remote) = tokio::io::duplex(64);
        let ledger = Ledger::new(10);
        let flood = async {
            while remote.write_all(b"12345678").await.is_ok() {}
            let mut arrived = Vec::new();
            browser.read_to_end(&mut arrived).await.unwrap();
            arrived.len()
        };
        let (pumped, arrived) = tokio::join!(async { pump(ours, theirs, &ledger).await }, flood);
        assert_eq!(pumped.unwrap_err().kind(), io::ErrorKind::QuotaExceeded);
        assert!(arrived <= 10 && ledger.is_spent());
    }
}
