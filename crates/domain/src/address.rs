//! Which addresses and which URL texts may be dialled: one pure policy for links, hops and webhook receivers.
//!
//! The text is judged when a URL is accepted, the addresses at every dial. Nothing here resolves a name.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use strum::IntoStaticStr;
use url::{Host, Url};

use crate::limits::URL_BYTES_MAX;

/// Why an address is not dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum AddressKind {
    Unspecified,
    Loopback,
    Private,
    LinkLocal,
    Cgnat,
    /// A cloud's instance metadata or credentials service.
    Metadata,
    Multicast,
    Documentation,
    /// 6to4, Teredo and other tunnels that carry a second address.
    Tunnel,
    Reserved,
}

impl AddressKind {
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    const fn phrase(self) -> &'static str {
        match self {
            Self::Unspecified => "an unspecified address",
            Self::Loopback => "a loopback address",
            Self::Private => "a private address",
            Self::LinkLocal => "a link-local address",
            Self::Cgnat => "a carrier-grade NAT address",
            Self::Metadata => "a cloud metadata address",
            Self::Multicast => "a multicast address",
            Self::Documentation => "a documentation address",
            Self::Tunnel => "a tunnel address",
            Self::Reserved => "a reserved address",
        }
    }
}

/// A refused address, the kind it is, and the IPv4 address it carries when that is the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRefusal {
    pub address: IpAddr,
    pub kind: AddressKind,
    pub embedded: Option<Ipv4Addr>,
}

impl fmt::Display for AddressRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.embedded {
            Some(embedded) => write!(f, "{} carries {embedded}, {}", self.address, self.kind.phrase()),
            None => write!(f, "{} is {}", self.address, self.kind.phrase()),
        }
    }
}

impl std::error::Error for AddressRefusal {}

/// How much of the internet a dial may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Public addresses and those in named nets.
    Public,
    /// Only addresses in named nets: plain-http receivers and special names.
    Named,
}

impl Reach {
    /// The reach of a link, or of a hop on its way.
    pub fn of_link(url: &Url) -> Self {
        if has_special_name(url) { Self::Named } else { Self::Public }
    }

    /// The reach of a webhook receiver: plain http needs a named net.
    pub fn of_webhook(url: &Url) -> Self {
        if url.scheme() == "https" { Self::of_link(url) } else { Self::Named }
    }
}

/// Why a set of DNS answers is not dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialRefusal {
    #[error("{0}")]
    Address(AddressRefusal),
    #[error("{0} is outside every allowed net, and plain http to a receiver or a special name needs one")]
    NotNamed(IpAddr),
}

impl DialRefusal {
    /// The address that was refused.
    pub const fn address(&self) -> IpAddr {
        match self {
            Self::Address(refusal) => refusal.address,
            Self::NotNamed(address) => *address,
        }
    }

    /// The stable word of the reason.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Address(refusal) => refusal.kind.as_str(),
            Self::NotNamed(_) => "not_in_allowed_net",
        }
    }
}

/// The address policy of one installation: everything public, and the nets its operator named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    allowed: Vec<IpNet>,
}

impl AddressPolicy {
    /// A policy that also admits `allowed`. Nets inside `::ffff:0:0/96` mean the IPv4 nets they spell.
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed: allowed.into_iter().map(unmapped_net).collect() }
    }

    /// Whether any net is named; then plain http and special names are left to the dial.
    pub fn names_any(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// Judges one address. Named nets win over the deny list; metadata addresses must be named one by one.
    pub fn judge(&self, address: IpAddr) -> Result<(), AddressRefusal> {
        let canonical = address.to_canonical();
        if self.is_named(address) {
            return Ok(());
        }
        let verdict = match canonical {
            IpAddr::V4(v4) => kind_of_v4(v4).map(|kind| (kind, None)),
            IpAddr::V6(v6) => kind_of_v6(v6),
        };
        match verdict {
            None => Ok(()),
            Some((kind, embedded)) => Err(AddressRefusal { address, kind, embedded }),
        }
    }

    /// Judges every answer of a lookup: one refused address refuses the name.
    pub fn judge_all(&self, addresses: &[IpAddr]) -> Result<(), AddressRefusal> {
        addresses.iter().try_for_each(|address| self.judge(*address))
    }

    /// Whether there are answers and each lies in a named net.
    pub fn all_in_allowed(&self, addresses: &[IpAddr]) -> bool {
        !addresses.is_empty() && addresses.iter().all(|address| self.is_named(*address))
    }

    /// Judges what a dial is about to connect to.
    pub fn judge_dial(&self, reach: Reach, addresses: &[IpAddr]) -> Result<(), DialRefusal> {
        self.judge_all(addresses).map_err(DialRefusal::Address)?;
        match (reach, addresses.iter().find(|address| !self.is_named(**address))) {
            (Reach::Named, Some(outside)) => Err(DialRefusal::NotNamed(*outside)),
            _ => Ok(()),
        }
    }

    /// Whether `address` lies in a named net, as itself or as the v4 address it maps.
    fn is_named(&self, address: IpAddr) -> bool {
        let canonical = address.to_canonical();
        let needs_host_net = is_metadata(canonical);
        self.allowed.iter().any(|net| {
            let wide_enough = !needs_host_net || net.prefix_len() == net.max_prefix_len();
            wide_enough && net.contains(&canonical)
        })
    }
}

fn unmapped_net(net: IpNet) -> IpNet {
    match net {
        IpNet::V6(v6) if v6.prefix_len() >= 96 => {
            let mapped = v6.addr().to_ipv4_mapped();
            mapped.and_then(|v4| Ipv4Net::new(v4, v6.prefix_len() - 96).ok()).map_or(net, IpNet::V4)
        }
        _ => net,
    }
}

/// Instance metadata and credentials: AWS, ECS, EKS, Azure, Alibaba, Oracle, Tencent, Scaleway and Google.
const METADATA_V4: [Ipv4Addr; 8] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(169, 254, 0, 23),
    Ipv4Addr::new(169, 254, 42, 42),
];

const METADATA_V6: [Ipv6Addr; 4] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

/// Whether an address is, or carries, a metadata address.
fn is_metadata(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => METADATA_V4.contains(&v4),
        IpAddr::V6(v6) => {
            METADATA_V6.contains(&v6) || embedded_v4(v6).iter().flatten().any(|v4| METADATA_V4.contains(v4))
        }
    }
}

/// IANA IPv4 special-purpose registry, plus the anycast and AS112 blocks no public service lives in.
#[rustfmt::skip]
const DENIED_V4: [(Ipv4Net, AddressKind); 20] = [
    (v4([0, 0, 0, 0], 8), AddressKind::Unspecified),
    (v4([10, 0, 0, 0], 8), AddressKind::Private),
    (v4([100, 64, 0, 0], 10), AddressKind::Cgnat),
    (v4([127, 0, 0, 0], 8), AddressKind::Loopback),
    (v4([168, 63, 129, 16], 32), AddressKind::Metadata),
    (v4([169, 254, 0, 0], 16), AddressKind::LinkLocal),
    (v4([172, 16, 0, 0], 12), AddressKind::Private),
    (v4([192, 0, 0, 0], 24), AddressKind::Reserved),
    (v4([192, 0, 2, 0], 24), AddressKind::Documentation),
    (v4([192, 31, 196, 0], 24), AddressKind::Reserved),
    (v4([192, 52, 193, 0], 24), AddressKind::Reserved),
    (v4([192, 88, 99, 0], 24), AddressKind::Tunnel),
    (v4([192, 168, 0, 0], 16), AddressKind::Private),
    (v4([192, 175, 48, 0], 24), AddressKind::Reserved),
    (v4([198, 18, 0, 0], 15), AddressKind::Reserved),
    (v4([198, 51, 100, 0], 24), AddressKind::Documentation),
    (v4([203, 0, 113, 0], 24), AddressKind::Documentation),
    (v4([224, 0, 0, 0], 4), AddressKind::Multicast),
    (v4([240, 0, 0, 0], 4), AddressKind::Reserved),
    (v4([255, 255, 255, 255], 32), AddressKind::Reserved),
];

/// IANA IPv6 special-purpose registry. What lies outside `2000::/3` is refused without being named here.
#[rustfmt::skip]
const DENIED_V6: [(Ipv6Net, AddressKind); 15] = [
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), AddressKind::Unspecified),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), AddressKind::Loopback),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), AddressKind::Private),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), AddressKind::Reserved),
    (v6([0x100, 0, 0, 1, 0, 0, 0, 0], 64), AddressKind::Reserved),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), AddressKind::Tunnel),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), AddressKind::Documentation),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), AddressKind::Tunnel),
    (v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), AddressKind::Reserved),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), AddressKind::Documentation),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), AddressKind::Reserved),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), AddressKind::Private),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), AddressKind::LinkLocal),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), AddressKind::Private),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), AddressKind::Multicast),
];

const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
/// RFC 6052: how an IPv6-only network reaches IPv4, so a public address behind it is public.
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);
const TEREDO: Ipv6Net = v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32);
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16);
const V4_COMPATIBLE: Ipv6Net = v6([0, 0, 0, 0, 0, 0, 0, 0], 96);
/// RFC 2765 IPv4-translated, `::ffff:0:a.b.c.d`.
const SIIT: Ipv6Net = v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96);

const fn v4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = octets;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(groups: [u16; 8], prefix: u8) -> Ipv6Net {
    let g = groups;
    Ipv6Net::new_assert(Ipv6Addr::new(g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7]), prefix)
}

fn kind_of_v4(address: Ipv4Addr) -> Option<AddressKind> {
    if METADATA_V4.contains(&address) {
        return Some(AddressKind::Metadata);
    }
    DENIED_V4.iter().find(|(net, _)| net.contains(&address)).map(|(_, kind)| *kind)
}

fn kind_of_v6(address: Ipv6Addr) -> Option<(AddressKind, Option<Ipv4Addr>)> {
    if METADATA_V6.contains(&address) {
        return Some((AddressKind::Metadata, None));
    }
    let exact = DENIED_V6.iter().find(|(net, _)| net.contains(&address)).map(|(_, kind)| *kind);
    if let Some(AddressKind::Loopback | AddressKind::Unspecified) = exact {
        return exact.map(|kind| (kind, None));
    }
    let mut carried = embedded_v4(address).into_iter().flatten();
    let carried_refusal = carried.find_map(|v4| kind_of_v4(v4).map(|kind| (kind, Some(v4))));
    let outside = !GLOBAL_UNICAST.contains(&address) && !NAT64.contains(&address);
    let own = exact.or(outside.then_some(AddressKind::Reserved)).map(|kind| (kind, None));
    carried_refusal.or(own)
}

/// The IPv4 addresses an IPv6 address carries: at most two (Teredo names its server and its client).
fn embedded_v4(address: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let bits = address.to_bits();
    let low = low_v4(bits);
    if NAT64.contains(&address) || SIIT.contains(&address) || V4_COMPATIBLE.contains(&address) {
        return [Some(low), None];
    }
    if SIX_TO_FOUR.contains(&address) {
        return [Some(low_v4(bits >> 80)), isatap_v4(bits)];
    }
    if TEREDO.contains(&address) {
        return [Some(low_v4(!bits)), Some(low_v4(bits >> 64))];
    }
    [isatap_v4(bits), None]
}

/// RFC 5214: interface identifiers `0000:5efe` and `0200:5efe` are followed by an IPv4 address.
fn isatap_v4(bits: u128) -> Option<Ipv4Addr> {
    let marker = (bits >> 32) & 0xfdff_ffff;
    (marker == 0x0000_5efe).then(|| low_v4(bits))
}

fn low_v4(bits: u128) -> Ipv4Addr {
    let [.., a, b, c, d] = bits.to_be_bytes();
    Ipv4Addr::new(a, b, c, d)
}

/// Why the text of a URL is refused before anything is resolved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextRefusal {
    #[error("the URL is {bytes} bytes long, send at most {URL_BYTES_MAX}")]
    TooLong { bytes: usize },
    #[error("the scheme {0:?} is not supported, use http or https")]
    Scheme(String),
    #[error("a webhook receiver needs https")]
    HttpsRequired,
    #[error("the URL carries a user name or password, remove it")]
    Userinfo,
    #[error("the URL has no host")]
    NoHost,
    #[error("port {0} is blocked (WHATWG Fetch, bad ports)")]
    BadPort(u16),
    #[error("{0}")]
    LiteralAddress(AddressRefusal),
    #[error("{0:?} is a name for local use")]
    SpecialName(String),
}

impl TextRefusal {
    /// The stable word of the reason.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::Scheme(_) => "scheme",
            Self::HttpsRequired => "https_required",
            Self::Userinfo => "userinfo",
            Self::NoHost => "no_host",
            Self::BadPort(_) => "bad_port",
            Self::LiteralAddress(_) => "literal_address",
            Self::SpecialName(_) => "special_name",
        }
    }
}

/// Judges a link as it is accepted. Its length is the caller's to check, on the text as received.
pub fn judge_link_text(url: &Url, policy: &AddressPolicy) -> Result<(), TextRefusal> {
    refuse_userinfo(url)?;
    judge_hop_text(url, policy)
}

/// Judges a URL met on the way: as [`judge_link_text`], but userinfo is followed, as browsers do.
pub fn judge_hop_text(url: &Url, policy: &AddressPolicy) -> Result<(), TextRefusal> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(TextRefusal::Scheme(url.scheme().to_owned()));
    }
    if let Some(port) = url.port().filter(|port| is_bad_port(*port)) {
        return Err(TextRefusal::BadPort(port));
    }
    match url.host() {
        None => Err(TextRefusal::NoHost),
        Some(Host::Ipv4(address)) => policy.judge(address.into()).map_err(TextRefusal::LiteralAddress),
        Some(Host::Ipv6(address)) => policy.judge(address.into()).map_err(TextRefusal::LiteralAddress),
        Some(Host::Domain(name)) if is_special_name(name) && !policy.names_any() => {
            Err(TextRefusal::SpecialName(name.to_owned()))
        }
        Some(Host::Domain(_)) => Ok(()),
    }
}

/// Judges a webhook receiver as it is accepted: https, no userinfo, at most 2048 bytes.
/// When any net is named, plain http passes and the dial decides.
pub fn judge_webhook_text(url: &Url, policy: &AddressPolicy) -> Result<(), TextRefusal> {
    let bytes = url.as_str().len();
    if bytes > URL_BYTES_MAX {
        return Err(TextRefusal::TooLong { bytes });
    }
    if url.scheme() == "http" && !policy.names_any() {
        return Err(TextRefusal::HttpsRequired);
    }
    judge_link_text(url, policy)
}

fn refuse_userinfo(url: &Url) -> Result<(), TextRefusal> {
    let plain = url.username().is_empty() && url.password().is_none();
    if plain { Ok(()) } else { Err(TextRefusal::Userinfo) }
}

fn has_special_name(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Domain(name)) if is_special_name(name))
}

/// Names that never mean a public host (RFC 6761, RFC 6762, ICANN's `.internal`, Google's metadata host).
fn is_special_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let is_or_under = |suffix: &str| {
        let Some(rest) = name.len().checked_sub(suffix.len()) else { return false };
        let ends = name.as_bytes()[rest..].eq_ignore_ascii_case(suffix.as_bytes());
        ends && (rest == 0 || name.as_bytes()[rest - 1] == b'.')
    };
    ["localhost", "internal", "local", "metadata.goog"].into_iter().any(is_or_under)
}

/// WHATWG Fetch §2.9, "bad port", in full.
#[rustfmt::skip]
const BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
    532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
    5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

fn is_bad_port(port: u16) -> bool {
    BAD_PORTS.binary_search(&port).is_ok()
}

#[cfg(test)]
mod tests;
