//! What a request shows of its sender, as the classifier and the decision read it.

use std::net::{IpAddr, Ipv4Addr};

use hopline_domain::click::{VisitMethod, VisitRequest};
use http::{HeaderMap, HeaderName, Method, header, request::Parts};

use crate::{app::App, client_address::client_address, context::Peer};

const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");
const PURPOSE: HeaderName = HeaderName::from_static("purpose");
const X_MOZ: HeaderName = HeaderName::from_static("x-moz");

#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'r> {
    pub(super) headers: &'r HeaderMap,
    pub(super) address: IpAddr,
    pub(super) method: VisitMethod,
    /// Without its leading `/`, as received.
    pub(super) path: &'r str,
    pub(super) query: Option<&'r str>,
}

impl<'r> Seen<'r> {
    /// `None` for methods that short links don't know.
    pub(super) fn of(app: &App, parts: &'r Parts) -> Option<Self> {
        let method = match parts.method {
            Method::GET => VisitMethod::Get,
            Method::HEAD => VisitMethod::Head,
            Method::POST => VisitMethod::Post,
            _ => return None,
        };
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
        // Only a router that is not served over a socket has no peer.
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let path = parts.uri.path();
        Some(Self {
            headers: &parts.headers,
            address: client_address(peer, &parts.headers, &app.parts.trusted_proxies),
            method,
            path: path.strip_prefix('/').unwrap_or(path),
            query: parts.uri.query(),
        })
    }

    /// The same request for another path.
    pub(super) fn at(self, path: &'r str) -> Self {
        Self { path, ..self }
    }

    pub(super) fn text(&self, name: HeaderName) -> Option<&'r str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn request(&self) -> VisitRequest<'r> {
        let purpose = self.text(SEC_PURPOSE).or_else(|| self.text(PURPOSE)).or_else(|| self.text(X_MOZ));
        VisitRequest {
            method: self.method,
            address: self.address,
            user_agent: self.text(header::USER_AGENT),
            accept_language: self.text(header::ACCEPT_LANGUAGE),
            referrer: self.text(header::REFERER),
            purpose,
            query: self.query,
        }
    }
}
