//! Test support: a scripted server on loopback that says exactly the bytes a test wants, and clients that may reach it.
//!
//! It has threads of its own, so that a test's runtime drives nothing but the client.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use async_trait::async_trait;
use bytes::Bytes;
use hopline_domain::address::AddressPolicy;
use http::{HeaderMap, Method};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use url::Url;

use crate::{
    BodyPlan, ExchangeLimits, ExchangeRequest, NameError, NameResolver, Outbound, OutboundConfig, Purpose,
    StaticName,
};

/// What a script does after its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    NextRequest,
    Close,
}

pub(crate) trait Socket: Read + Write + Send {}
impl<S: Read + Write + Send> Socket for S {}

type Script = dyn Fn(&str, &mut dyn Socket) -> io::Result<After> + Send + Sync;

#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) addr: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Receiver {
    /// Gives every request the same bytes and keeps the connection.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::scripted(move |_, socket| socket.write_all(&answer).map(|()| After::NextRequest))
    }

    pub(crate) fn scripted(
        script: impl Fn(&str, &mut dyn Socket) -> io::Result<After> + Send + Sync + 'static,
    ) -> Self {
        Self::start(script, |stream| Box::new(stream))
    }

    /// As `answering`, over TLS with the certificate of `identity`.
    pub(crate) fn secure(identity: &Identity, answer: &'static [u8]) -> Self {
        let config = identity.server_config(&[b"http/1.1"]);
        let script =
            move |_: &str, socket: &mut dyn Socket| socket.write_all(answer).map(|()| After::NextRequest);
        Self::start(script, move |stream| {
            let session = ServerConnection::new(config.clone()).expect("a server session");
            Box::new(StreamOwned::new(session, stream))
        })
    }

    fn start(
        script: impl Fn(&str, &mut dyn Socket) -> io::Result<After> + Send + Sync + 'static,
        open: impl Fn(TcpStream) -> Box<dyn Socket> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let addr = listener.local_addr().expect("a bound address");
        let receiver = Self { addr, requests: Arc::default(), connections: Arc::default() };
        let (requests, connections) = (receiver.requests.clone(), receiver.connections.clone());
        let script: Arc<Script> = Arc::new(script);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::SeqCst);
                let (socket, script, requests) = (open(stream), script.clone(), requests.clone());
                thread::spawn(move || converse(socket, &*script, &requests));
            }
        });
        receiver
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.addr)).expect("a URL")
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic in the receiver").clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn converse(mut socket: Box<dyn Socket>, script: &Script, requests: &Mutex<Vec<String>>) {
    while let Ok(request) = read_request(&mut *socket) {
        requests.lock().expect("no panic in a test").push(request.clone());
        if !matches!(script(&request, &mut *socket), Ok(After::NextRequest)) {
            return;
        }
    }
}

fn read_request(socket: &mut dyn Socket) -> io::Result<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte)?;
        request.push(byte[0]);
        // A TLS record: answer it in plain text, as servers do on the wrong port.
        if request[0] == 0x16 {
            return Ok(String::new());
        }
    }
    let head = String::from_utf8_lossy(&request).into_owned();
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    socket.read_exact(&mut body)?;
    Ok(head + &String::from_utf8_lossy(&body))
}

/// Waits until the client hangs up.
pub(crate) fn until_hang_up(socket: &mut dyn Socket) -> io::Result<After> {
    let mut ignored = [0; 256];
    while socket.read(&mut ignored)? > 0 {}
    Ok(After::Close)
}

/// A self-signed certificate and its key.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

impl Identity {
    pub(crate) fn of(host: &str) -> Self {
        let made = rcgen::generate_simple_self_signed(vec![host.to_owned()]).expect("a certificate");
        Self { certificate: made.cert.der().clone(), key: made.signing_key.serialize_der() }
    }

    pub(crate) fn server_config(&self, protocols: &[&[u8]]) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(self.key.clone()).expect("a key");
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], key)
            .expect("a usable certificate");
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Arc::new(config)
    }
}

/// Names and their addresses; counts nothing, knows nothing else.
#[derive(Debug, Default)]
pub(crate) struct FixedNames(pub(crate) HashMap<&'static str, Vec<IpAddr>>);

#[async_trait]
impl NameResolver for FixedNames {
    async fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, NameError> {
        self.0.get(host).cloned().ok_or(NameError::NoSuchName)
    }
}

/// A configuration that may reach 127.0.0.0/8 and nothing else that is not public.
pub(crate) fn loopback_config() -> OutboundConfig {
    let policy = AddressPolicy::new(vec!["127.0.0.0/8".parse().expect("a net")]);
    OutboundConfig { policy, names: Some(Arc::new(FixedNames::default())), ..OutboundConfig::default() }
}

pub(crate) fn loopback_client() -> Outbound {
    Outbound::new(loopback_config()).expect("a client")
}

/// A client that finds `host` at `receiver` and trusts `identity`.
pub(crate) fn trusting_client(host: &str, receiver: SocketAddr, identity: &Identity) -> Outbound {
    let entry: StaticName =
        format!("{host}:{}:{}", receiver.port(), receiver.ip()).parse().expect("an entry");
    let extra_roots = vec![identity.certificate.clone()];
    Outbound::new(OutboundConfig { static_names: vec![entry], extra_roots, ..loopback_config() })
        .expect("a client")
}

/// A GET that reads the whole body.
pub(crate) fn get(url: Url) -> ExchangeRequest {
    ExchangeRequest {
        method: Method::GET,
        url,
        headers: HeaderMap::new(),
        body: Bytes::new(),
        purpose: Purpose::Link,
        egress: None,
        limits: ExchangeLimits { connect_ms: 5_000, total_ms: 10_000, body_bytes_max: 64 * 1024 },
        body_plan: |_| BodyPlan::Read,
    }
}
