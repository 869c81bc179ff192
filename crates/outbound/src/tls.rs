//! TLS: one client configuration for every connection, and what a handshake showed.

use std::net::IpAddr;
use std::sync::Arc;

use hopline_domain::chain::Tls;
use hopline_domain::time::Timestamp;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::Host;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Name};

use crate::error::{ExchangeError, OutboundError, causes};

/// Mozilla's roots and the extra ones; HTTP/2 is offered before HTTP/1.1, as browsers do.
pub(crate) fn client_config(
    extra_roots: &[CertificateDer<'static>],
) -> Result<Arc<ClientConfig>, OutboundError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for root in extra_roots {
        roots.add(root.clone()).map_err(OutboundError::ExtraRoot)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = builder.map_err(OutboundError::Tls)?.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

pub(crate) async fn handshake(
    config: &Arc<ClientConfig>,
    host: &Host<&str>,
    socket: TcpStream,
) -> Result<TlsStream<TcpStream>, ExchangeError> {
    let name = server_name(host)?;
    let agreed = TlsConnector::from(config.clone()).connect(name, socket).await;
    agreed.map_err(|error| ExchangeError::Tls { detail: causes(&error) })
}

fn server_name(host: &Host<&str>) -> Result<ServerName<'static>, ExchangeError> {
    match host {
        Host::Ipv4(address) => Ok(ServerName::from(IpAddr::V4(*address))),
        Host::Ipv6(address) => Ok(ServerName::from(IpAddr::V6(*address))),
        // RFC 6066 §3: the name is sent without its trailing dot.
        Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned())
            .map_err(|_| ExchangeError::Tls { detail: format!("{name:?} can't be asked for in TLS") }),
    }
}

/// Version and certificate of a finished handshake.
pub(crate) fn evidence(session: &ClientConnection) -> Tls {
    let version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3".to_owned(),
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2".to_owned(),
        other => format!("{other:?}"),
    };
    let leaf = session.peer_certificates().and_then(<[_]>::first);
    let parsed = leaf.and_then(|leaf| X509Certificate::from_der(leaf).ok());
    let Some((_, certificate)) = parsed else {
        return Tls { version, issuer: String::new(), subject: String::new(), not_after: Timestamp(0) };
    };
    Tls {
        version,
        issuer: common_name(certificate.issuer()),
        subject: subject(&certificate),
        not_after: Timestamp(certificate.validity().not_after.timestamp().saturating_mul(1_000)),
    }
}

/// The common name, else the whole distinguished name.
fn common_name(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|attribute| attribute.as_str().ok());
    common.map_or_else(|| name.to_string(), str::to_owned)
}

/// Certificates without a subject are named by their first DNS name.
fn subject(certificate: &X509Certificate<'_>) -> String {
    if certificate.subject().iter().next().is_some() {
        return common_name(certificate.subject());
    }
    let names = certificate.subject_alternative_name().ok().flatten();
    let mut names = names.iter().flat_map(|extension| &extension.value.general_names);
    let first = names.find_map(|name| if let GeneralName::DNSName(name) = name { Some(*name) } else { None });
    first.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Response, Version};
    use http_body_util::Full;
    use hyper::{server::conn::http2, service::service_fn};
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use tokio_rustls::TlsAcceptor;
    use tokio_util::task::TaskTracker;
    use url::Url;

    use crate::receiver::{Identity, Receiver, get, loopback_client, trusting_client};

    const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    #[tokio::test]
    async fn a_handshake_is_evidence() {
        let identity = Identity::of("secure.test");
        let receiver = Receiver::secure(&identity, OK);
        let client = trusting_client("secure.test", receiver.addr, &identity);
        let url = Url::parse(&format!("https://secure.test:{}/", receiver.addr.port())).unwrap();
        for _ in 0..2 {
            let exchange = client.exchange(get(url.clone())).await.unwrap();
            let tls = exchange.tls.expect("an https exchange has TLS evidence");
            assert_eq!(tls.version, "TLS 1.3");
            assert_eq!(tls.issuer, "rcgen self signed cert");
            assert_eq!(tls.not_after.to_string(), "4096-01-01T00:00:00.000Z");
            assert_eq!(exchange.body, "ok");
        }
        assert_eq!(receiver.connections(), 1);
    }

    #[tokio::test]
    async fn an_unknown_root_a_wrong_name_and_no_tls_are_refused() {
        let identity = Identity::of("secure.test");
        let receiver = Receiver::secure(&identity, OK);
        let port = receiver.addr.port();
        let plain = Receiver::answering(OK);
        let stranger = Identity::of("secure.test");
        for (host, addr, trusted) in [
            ("secure.test", receiver.addr, &stranger),
            ("other.test", receiver.addr, &identity),
            ("secure.test", plain.addr, &identity),
        ] {
            let url = Url::parse(&format!("https://{host}:{}/", addr.port())).unwrap();
            let failure = trusting_client(host, addr, trusted).exchange(get(url)).await.unwrap_err();
            assert_eq!(failure.error.word(), "tls", "{host} {}", failure.error);
            assert_eq!(failure.remote_addr, Some(addr));
        }
        let literal = Url::parse(&format!("https://127.0.0.1:{port}/")).unwrap();
        assert_eq!(loopback_client().exchange(get(literal)).await.unwrap_err().error.word(), "tls");
    }

    #[tokio::test]
    async fn http2_is_spoken_where_offered_and_its_connection_shared() {
        let identity = Identity::of("two.test");
        let acceptor = TlsAcceptor::from(identity.server_config(&[b"h2"]));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let server = TaskTracker::new();
        server.spawn(async move {
            // One connection only: a second dial would find nobody.
            let (socket, _) = listener.accept().await.unwrap();
            let stream = acceptor.accept(socket).await.unwrap();
            let answer = service_fn(async |request: http::Request<hyper::body::Incoming>| {
                let body = Full::new(Bytes::from(request.uri().to_string()));
                Ok::<_, std::convert::Infallible>(Response::new(body))
            });
            http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), answer)
                .await
                .ok();
        });
        let client = trusting_client("two.test", addr, &identity);
        for path in ["/a?b", "/c"] {
            let url = Url::parse(&format!("https://two.test:{}{path}", addr.port())).unwrap();
            let exchange = client.exchange(get(url.clone())).await.unwrap();
            assert_eq!(exchange.version, Version::HTTP_2);
            assert_eq!(exchange.body, url.as_str());
        }
        client.close().await;
    }
}
