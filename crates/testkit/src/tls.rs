//! Certificates for neighbours that speak TLS, right or wrong on purpose, signed by a root made for the occasion.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// Names and addresses a right certificate is valid for.
const NAMES: [&str; 5] = ["localhost", "127.0.0.1", "receiver.example", "a.test", "b.test"];

/// What a TLS neighbour shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServedCertificate {
    /// Signed by the neighbour's root, for `localhost`, `127.0.0.1`, `receiver.example`, `a.test` and `b.test`.
    Valid,
    /// As `Valid`, but its time is over.
    Expired,
    /// As `Valid`, but for another host.
    OtherName,
    /// Signed by itself, known to nobody.
    SelfSigned,
}

pub(crate) struct Identity {
    /// The root that a client has to trust, DER.
    pub(crate) root_der: Vec<u8>,
    pub(crate) acceptor: TlsAcceptor,
}

impl Identity {
    pub(crate) fn make(served: ServedCertificate) -> Self {
        let mut root = CertificateParams::new(Vec::new()).expect("no names are valid names");
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root_key = KeyPair::generate().expect("the system has randomness");
        let root_der = root.self_signed(&root_key).expect("the root signs itself").der().to_vec();
        let issuer = Issuer::new(root, root_key);

        let key = KeyPair::generate().expect("the system has randomness");
        let leaf = leaf_of(served);
        let certificate = match served {
            ServedCertificate::SelfSigned => leaf.self_signed(&key),
            _ => leaf.signed_by(&key, &issuer),
        };
        let chain = vec![certificate.expect("the certificate can be signed").der().clone()];
        Self { root_der, acceptor: acceptor(chain, &key) }
    }
}

fn leaf_of(served: ServedCertificate) -> CertificateParams {
    let names = match served {
        ServedCertificate::OtherName => vec!["elsewhere.invalid".to_owned()],
        _ => NAMES.map(str::to_owned).to_vec(),
    };
    let mut leaf = CertificateParams::new(names).expect("the names are valid");
    leaf.not_before = date_time_ymd(2020, 1, 1);
    leaf.not_after = match served {
        ServedCertificate::Expired => date_time_ymd(2021, 1, 1),
        _ => date_time_ymd(2100, 1, 1),
    };
    leaf
}

fn acceptor(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports the default versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("the key belongs to the certificate");
    TlsAcceptor::from(Arc::new(config))
}
