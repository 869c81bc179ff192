//! A SOCKS5 or HTTP proxy that really carries bytes and remembers what it was told. Whatever address it is told to connect
//! to, it connects to one neighbour, so that tests may use public addresses without a packet leaving the machine.

mod http;
mod socks5;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use crate::listening::Listening;

/// What a client told the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyAsk {
    /// As the client wrote it: an address with its port, or a name, which a guarded client never sends.
    pub target: String,
    /// User name and password, if the client gave them.
    pub credentials: Option<(String, String)>,
}

/// What the proxy does with its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyMood {
    /// Connects whoever asks.
    Serve,
    /// Connects whoever knows this user name and password.
    ServeKnown(String, String),
    /// Says that its rules do not allow the target.
    Refuse,
    /// Says that its rules do not allow targets with this address, and serves the others.
    RefuseAddress(String),
    /// Reads and never answers.
    Hang,
    /// Answers the first words with these bytes and hangs up.
    Babble(Vec<u8>),
}

#[derive(Debug)]
pub struct EgressProxy {
    listening: Listening,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    upstream: SocketAddr,
    mood: Mutex<ProxyMood>,
    asks: Mutex<Vec<ProxyAsk>>,
}

/// Why no connection was made; the client was told.
struct NotServed;

impl EgressProxy {
    /// A SOCKS5 proxy whose every target is `upstream`.
    pub async fn socks5(upstream: SocketAddr) -> Self {
        let state = State::new(upstream);
        let serving = Arc::clone(&state);
        let listening = Listening::start(move |stream| serve_socks5(stream, Arc::clone(&serving)));
        Self { listening: listening.await, state }
    }

    /// An HTTP proxy whose every target is `upstream`.
    pub async fn http(upstream: SocketAddr) -> Self {
        let state = State::new(upstream);
        let serving = Arc::clone(&state);
        let listening = Listening::start(move |stream| serve_http(stream, Arc::clone(&serving)));
        Self { listening: listening.await, state }
    }

    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// From now on.
    pub fn set_mood(&self, mood: ProxyMood) {
        *locked(&self.state.mood) = mood;
    }

    /// Every request for a connection so far, refused ones too.
    pub fn asks(&self) -> Vec<ProxyAsk> {
        locked(&self.state.asks).clone()
    }

    /// Closes the port and every connection.
    pub async fn stop(&self) {
        self.listening.stop().await;
    }
}

impl State {
    fn new(upstream: SocketAddr) -> Arc<Self> {
        Arc::new(Self { upstream, mood: Mutex::new(ProxyMood::Serve), asks: Mutex::default() })
    }

    fn mood(&self) -> ProxyMood {
        locked(&self.mood).clone()
    }

    /// Notes what was asked; says whether the target is allowed.
    fn admits(&self, ask: ProxyAsk) -> bool {
        let admitted = match self.mood() {
            ProxyMood::Refuse => false,
            ProxyMood::RefuseAddress(address) => !ask.target.starts_with(&address),
            _ => true,
        };
        locked(&self.asks).push(ask);
        admitted
    }
}

async fn serve_socks5(mut client: TcpStream, state: Arc<State>) {
    let _ = client.set_nodelay(true);
    if behaves(&mut client, &state.mood()).await && socks5::admit(&mut client, &state).await.is_ok() {
        carry(client, state.upstream).await;
    }
}

async fn serve_http(mut client: TcpStream, state: Arc<State>) {
    let _ = client.set_nodelay(true);
    if behaves(&mut client, &state.mood()).await && http::admit(&mut client, &state).await.is_ok() {
        carry(client, state.upstream).await;
    }
}

/// Whether the mood is one that speaks the protocol; acts it out otherwise.
async fn behaves(client: &mut TcpStream, mood: &ProxyMood) -> bool {
    let mut ignored = [0_u8; 1024];
    match mood {
        ProxyMood::Hang => while client.read(&mut ignored).await.is_ok_and(|read| read > 0) {},
        ProxyMood::Babble(words) => {
            let _first_words = client.read(&mut ignored).await;
            // A client that is gone already hears nothing; what it makes of the rest is the test's business.
            let _ = (client.write_all(words).await, client.shutdown().await);
        }
        _ => return true,
    }
    false
}

async fn carry(mut client: TcpStream, upstream: SocketAddr) {
    let Ok(mut server) = TcpStream::connect(upstream).await else { return };
    let _ = server.set_nodelay(true);
    // However it ends, both sides see it end.
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
