//! A TCP proxy in front of a neighbour whose connections can be stalled, resumed and cut.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::listening::Listening;

/// Bytes carried at a time, in each direction.
const CARRY_BYTES_MAX: usize = 16 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Open,
    Stalled,
}

#[derive(Debug)]
pub struct ChaosProxy {
    listening: Listening,
    flow: watch::Sender<Flow>,
    /// How often everything was cut; a connection ends when the number moves.
    cuts: watch::Sender<u64>,
}

impl ChaosProxy {
    pub async fn start(upstream: SocketAddr) -> Self {
        let (flow, cuts) = (watch::Sender::new(Flow::Open), watch::Sender::new(0));
        let (flowing, cutting) = (flow.clone(), cuts.clone());
        let listening = Listening::start(move |client| {
            carry_until_cut(client, upstream, flowing.subscribe(), cutting.subscribe())
        });
        Self { listening: listening.await, flow, cuts }
    }

    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// Connections stay open, new ones are accepted, and no byte passes.
    pub fn stall(&self) {
        self.flow.send_replace(Flow::Stalled);
    }

    /// Lets everything held back pass.
    pub fn resume(&self) {
        self.flow.send_replace(Flow::Open);
    }

    /// Resets every open connection on both sides; new ones are served.
    pub fn cut_all(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Closes the port: from now on connections are refused.
    pub async fn stop(&self) {
        self.listening.stop().await;
    }
}

async fn carry_until_cut(
    mut client: TcpStream,
    upstream: SocketAddr,
    flow: watch::Receiver<Flow>,
    mut cuts: watch::Receiver<u64>,
) {
    let Ok(mut server) = TcpStream::connect(upstream).await else { return };
    let cut = tokio::select! {
        () = carry_both(&mut client, &mut server, flow) => false,
        moved = cuts.changed() => moved.is_ok(),
    };
    if cut {
        // A socket that is gone already needs no reset.
        let _ = (client.set_zero_linger(), server.set_zero_linger());
    }
}

async fn carry_both(client: &mut TcpStream, server: &mut TcpStream, flow: watch::Receiver<Flow>) {
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    // A direction that broke ends like one that was closed; the other still carries what it has.
    let _ = tokio::join!(carry(from_client, to_server, flow.clone()), carry(from_server, to_client, flow));
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut flow: watch::Receiver<Flow>,
) -> io::Result<()> {
    let mut buffer = vec![0_u8; CARRY_BYTES_MAX];
    loop {
        let read = from.read(&mut buffer).await?;
        if flow.wait_for(|flow| *flow == Flow::Open).await.is_err() || read == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..read]).await?;
    }
}
