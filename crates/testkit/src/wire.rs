//! Serves one connection: reads requests, plays the answers step by step, keeps alive or breaks as told.

use std::io;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::answer::{Answer, Step};
use crate::received_request::ReceivedRequest;

/// Decides what each request gets.
pub(crate) trait Responder: Send + Sync + 'static {
    fn answer(&self, request: ReceivedRequest) -> Answer;

    /// The first byte of an answer is about to be sent, or the peer left before it.
    fn answering(&self) {}
}

/// A byte stream whose socket can still be reached, for resetting it.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {
    fn socket(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Afterwards {
    KeepAlive,
    Close,
    /// Drop the socket as it is: an orderly shutdown would come before the reset.
    Reset,
}

/// Serves TLS when an acceptor is given. A failed handshake ends the connection: that is the peer's verdict on us.
pub(crate) async fn serve_connection(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    responder: &impl Responder,
) {
    // Without this, small answers wait for the peer's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    match acceptor {
        None => serve(stream, responder).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, responder).await;
            }
        }
    }
}

async fn serve(mut wire: impl Wire, responder: &impl Responder) {
    let mut buffer = BytesMut::new();
    while let Some(request) = ReceivedRequest::read(&mut wire, &mut buffer).await {
        let close = request.asks_to_close();
        let method = request.method.clone();
        let mut silence = responder.answer(request).into_steps(&method);
        let first_sign = silence.iter().position(|step| !matches!(step, Step::Pause(_) | Step::Hang));
        let steps = silence.split_off(first_sign.unwrap_or(silence.len()));
        let waited = play(&mut wire, silence).await;
        responder.answering();
        let played = match waited {
            Ok(Afterwards::KeepAlive) => play(&mut wire, steps).await,
            ended => ended,
        };
        match played {
            Ok(Afterwards::KeepAlive) if !close => {}
            Ok(Afterwards::Reset) => return,
            Ok(_) | Err(_) => break,
        }
    }
    // The peer may be gone already; there is nobody left to tell.
    let _ = wire.shutdown().await;
}

async fn play(wire: &mut impl Wire, steps: Vec<Step>) -> io::Result<Afterwards> {
    for step in steps {
        match step {
            Step::Send(bytes) => wire.write_all(&bytes).await?,
            Step::Repeat(bytes) => loop {
                wire.write_all(&bytes).await?;
            },
            Step::Drip { byte, every } => loop {
                wire.write_all(&[byte]).await?;
                wire.flush().await?;
                tokio::time::sleep(every).await;
            },
            Step::Pause(pause) => tokio::time::sleep(pause).await,
            Step::Hang => return hang(wire).await,
            Step::Reset => {
                wire.flush().await?;
                wire.socket().set_zero_linger()?;
                return Ok(Afterwards::Reset);
            }
            Step::Close => return Ok(Afterwards::Close),
        }
    }
    wire.flush().await?;
    Ok(Afterwards::KeepAlive)
}

/// Reads and ignores until the peer gives up.
async fn hang(wire: &mut impl Wire) -> io::Result<Afterwards> {
    let mut ignored = [0_u8; 1024];
    while wire.read(&mut ignored).await? > 0 {}
    Ok(Afterwards::Close)
}
