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
