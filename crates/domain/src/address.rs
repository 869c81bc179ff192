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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn policy(nets: &[&str]) -> AddressPolicy {
        AddressPolicy::new(nets.iter().map(|net| net.parse().unwrap()).collect())
    }

    fn kind(text: &str) -> Option<&'static str> {
        AddressPolicy::default().judge(ip(text)).err().map(|refusal| refusal.kind.as_str())
    }

    const PUBLIC_V4: [&str; 10] = [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.128.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.20.0.1",
        "203.0.114.1",
        "223.255.255.255",
    ];

    #[test]
    fn every_denied_range_says_its_kind() {
        let table = [
            ("0.0.0.0", "unspecified"),
            ("0.1.2.3", "unspecified"),
            ("10.0.0.1", "private"),
            ("100.64.0.1", "cgnat"),
            ("100.100.100.200", "metadata"),
            ("127.0.0.1", "loopback"),
            ("127.255.255.254", "loopback"),
            ("168.63.129.16", "metadata"),
            ("169.254.1.1", "link_local"),
            ("169.254.169.254", "metadata"),
            ("169.254.170.2", "metadata"),
            ("172.16.0.1", "private"),
            ("172.31.255.255", "private"),
            ("192.0.0.8", "reserved"),
            ("192.0.2.1", "documentation"),
            ("192.31.196.1", "reserved"),
            ("192.52.193.1", "reserved"),
            ("192.88.99.1", "tunnel"),
            ("192.168.1.1", "private"),
            ("192.175.48.1", "reserved"),
            ("198.18.0.1", "reserved"),
            ("198.19.255.255", "reserved"),
            ("198.51.100.1", "documentation"),
            ("203.0.113.7", "documentation"),
            ("224.0.0.1", "multicast"),
            ("240.0.0.1", "reserved"),
            ("255.255.255.255", "reserved"),
            ("::", "unspecified"),
            ("::1", "loopback"),
            ("::2", "unspecified"),
            ("::127.0.0.1", "loopback"),
            ("::8.8.8.8", "reserved"),
            ("::ffff:127.0.0.1", "loopback"),
            ("::ffff:0:127.0.0.1", "loopback"),
            ("::ffff:0:8.8.8.8", "reserved"),
            ("64:ff9b::7f00:1", "loopback"),
            ("64:ff9b::a9fe:a9fe", "metadata"),
            ("64:ff9b:1::1", "private"),
            ("100::1", "reserved"),
            ("100:0:0:1::1", "reserved"),
            ("200::1", "reserved"),
            ("2001::1", "reserved"),
            ("2001:0:808:808::f5ff:fffe", "private"),
            ("2001:1ff::1", "tunnel"),
            ("2001:db8::1", "documentation"),
            ("2002:7f00:1::", "loopback"),
            ("2002:808:808::1", "tunnel"),
            ("2620:4f:8000::1", "reserved"),
            ("3fff::1", "documentation"),
            ("4000::1", "reserved"),
            ("5f00::1", "reserved"),
            ("fc00::1", "private"),
            ("fd00:ec2::254", "metadata"),
            ("fd12:3456::1", "private"),
            ("fe80::1", "link_local"),
            ("fe80::5efe:10.0.0.1", "private"),
            ("2600::5efe:192.168.0.1", "private"),
            ("2600::200:5efe:127.0.0.1", "loopback"),
            ("fec0::1", "private"),
            ("ff02::1", "multicast"),
        ];
        for (text, expected) in table {
            assert_eq!(kind(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn public_addresses_pass() {
        for text in PUBLIC_V4 {
            assert_eq!(kind(text), None, "{text}");
            assert_eq!(kind(&format!("::ffff:{text}")), None, "mapped {text}");
            assert_eq!(kind(&format!("64:ff9b::{text}")), None, "NAT64 {text}");
        }
        for text in ["2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450::1", "2600::5efe:8.8.8.8"] {
            assert_eq!(kind(text), None, "{text}");
        }
    }

    #[test]
    fn a_refusal_names_what_the_address_carries() {
        let refusal = AddressPolicy::default().judge(ip("2002:7f00:1::")).unwrap_err();
        assert_eq!(refusal.to_string(), "2002:7f00:1:: carries 127.0.0.1, a loopback address");
        let refusal = AddressPolicy::default().judge(ip("10.1.2.3")).unwrap_err();
        assert_eq!(refusal.to_string(), "10.1.2.3 is a private address");
    }

    #[test]
    fn named_nets_win_and_admit_mapped_forms() {
        let policy = policy(&["10.0.0.0/8", "fd00::/8"]);
        for admitted in ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1", "8.8.8.8"] {
            assert_eq!(policy.judge(ip(admitted)), Ok(()), "{admitted}");
        }
        for refused in ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::10.1.2.3", "::10.1.2.3", "192.168.0.1"] {
            assert!(policy.judge(ip(refused)).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_net_of_mapped_addresses_means_the_v4_net() {
        let policy = policy(&["::ffff:127.0.0.0/104"]);
        assert_eq!(policy.judge(ip("127.0.0.1")), Ok(()));
        assert_eq!(policy.judge(ip("::ffff:127.0.0.1")), Ok(()));
        assert!(policy.judge(ip("10.0.0.1")).is_err());
    }

    #[test]
    fn all_of_ipv6_does_not_admit_mapped_v4() {
        let policy = policy(&["::/0"]);
        assert!(policy.judge(ip("::ffff:127.0.0.1")).is_err());
        assert!(policy.judge(ip("127.0.0.1")).is_err());
        assert_eq!(policy.judge(ip("::1")), Ok(()));
    }

    #[test]
    fn metadata_is_covered_only_when_named_alone() {
        let wide = policy(&["0.0.0.0/0", "::/0", "64:ff9b::/96"]);
        for refused in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "168.63.129.16",
            "fd00:ec2::254",
            "64:ff9b::a9fe:a9fe",
        ] {
            let refusal = wide.judge(ip(refused)).unwrap_err();
            assert_eq!(refusal.kind, AddressKind::Metadata, "{refused}");
        }
        assert_eq!(wide.judge(ip("169.254.1.1")), Ok(()));
        let exact = policy(&["169.254.169.254/32", "fd00:ec2::254/128"]);
        for admitted in ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254"] {
            assert_eq!(exact.judge(ip(admitted)), Ok(()), "{admitted}");
        }
        assert!(exact.judge(ip("64:ff9b::a9fe:a9fe")).is_err());
    }

    #[test]
    fn one_forbidden_answer_refuses_the_name() {
        let refusal = AddressPolicy::default().judge_all(&[ip("1.1.1.1"), ip("10.0.0.1")]).unwrap_err();
        assert_eq!(refusal.address, ip("10.0.0.1"));
    }

    #[test]
    fn named_reach_needs_every_answer_in_a_named_net() {
        let policy = policy(&["127.0.0.0/8"]);
        assert!(policy.all_in_allowed(&[ip("127.0.0.1"), ip("::ffff:127.0.0.2")]));
        assert!(!policy.all_in_allowed(&[]));
        assert_eq!(policy.judge_dial(Reach::Public, &[ip("1.1.1.1")]), Ok(()));
        assert_eq!(
            policy.judge_dial(Reach::Named, &[ip("127.0.0.1"), ip("1.1.1.1")]),
            Err(DialRefusal::NotNamed(ip("1.1.1.1")))
        );
        assert_eq!(policy.judge_dial(Reach::Named, &[ip("127.0.0.1")]), Ok(()));
    }

    #[test]
    fn reach_follows_scheme_and_name() {
        let url = |text| Url::parse(text).unwrap();
        assert_eq!(Reach::of_link(&url("http://example.com")), Reach::Public);
        assert_eq!(Reach::of_link(&url("https://printer.local")), Reach::Named);
        assert_eq!(Reach::of_webhook(&url("https://example.com")), Reach::Public);
        assert_eq!(Reach::of_webhook(&url("http://example.com")), Reach::Named);
    }

    fn link_word(text: &str) -> Option<&'static str> {
        let url = Url::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        judge_link_text(&url, &AddressPolicy::default()).err().map(|refusal| refusal.word())
    }

    #[test]
    fn every_spelling_of_an_inner_address_is_refused_as_text() {
        for text in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://017700000001/",
            "http://127.0.0.1./",
            "http://\u{ff11}\u{ff12}\u{ff17}.0.0.1/",
            "http://%31%32%37.0.0.1/",
            "http://0/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[0:0:0:0:0:ffff:7f00:1]/",
            "http://[::5efe:7f00:1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[fec0::1]/",
            "http://169.254.169.254/latest/meta-data/",
            "https://0xa9fea9fe/",
        ] {
            assert_eq!(link_word(text), Some("literal_address"), "{text}");
        }
    }

    #[test]
    fn zone_ids_are_no_urls() {
        assert!(Url::parse("http://[fe80::1%25eth0]/").is_err());
        assert!(Url::parse("http://[fe80::1%eth0]/").is_err());
    }

    #[test]
    fn special_names_are_refused_as_text() {
        for text in [
            "http://localhost/",
            "http://LOCALHOST./",
            "http://a.localhost:8080/",
            "http://db.internal/",
            "http://printer.local/",
            "http://metadata.google.internal/",
            "http://metadata.goog./",
        ] {
            assert_eq!(link_word(text), Some("special_name"), "{text}");
        }
        for text in
            ["http://notlocalhost/", "http://local.example/", "http://xlocal/", "http://internal.example/"]
        {
            assert_eq!(link_word(text), None, "{text}");
        }
    }

    #[test]
    fn link_text_rules() {
        assert_eq!(link_word("http://example.com/a?b#c"), None);
        assert_eq!(link_word("http://user@example.com/"), Some("userinfo"));
        assert_eq!(link_word("http://:secret@example.com/"), Some("userinfo"));
        assert_eq!(link_word("ftp://example.com/"), Some("scheme"));
        assert_eq!(link_word("javascript:alert(1)"), Some("scheme"));
        assert_eq!(link_word("http://example.com:25/"), Some("bad_port"));
        assert_eq!(link_word("http://example.com:6000/"), Some("bad_port"));
        assert_eq!(link_word("http://example.com:0/"), Some("bad_port"));
        assert_eq!(link_word("http://example.com:8080/"), None);
        let hop = Url::parse("http://user:pw@example.com/").unwrap();
        assert_eq!(judge_hop_text(&hop, &AddressPolicy::default()), Ok(()));
    }

    fn webhook_word(text: &str, policy: &AddressPolicy) -> Option<&'static str> {
        judge_webhook_text(&Url::parse(text).unwrap(), policy).err().map(|refusal| refusal.word())
    }

    #[test]
    fn webhook_text_rules() {
        let closed = AddressPolicy::default();
        assert_eq!(webhook_word("https://example.com/hook", &closed), None);
        assert_eq!(webhook_word("http://example.com/hook", &closed), Some("https_required"));
        assert_eq!(webhook_word("ftp://example.com/", &closed), Some("scheme"));
        assert_eq!(webhook_word("https://u:p@example.com/", &closed), Some("userinfo"));
        assert_eq!(webhook_word("https://example.com:22/", &closed), Some("bad_port"));
        assert_eq!(webhook_word("https://10.0.0.1/", &closed), Some("literal_address"));
        assert_eq!(
            webhook_word(&format!("https://example.com/{}", "a".repeat(2048)), &closed),
            Some("too_long")
        );
    }

    #[test]
    fn a_named_net_leaves_http_and_names_to_the_dial() {
        let open = policy(&["127.0.0.0/8"]);
        assert_eq!(webhook_word("http://example.com/", &open), None);
        assert_eq!(webhook_word("http://localhost:9000/", &open), None);
        assert_eq!(webhook_word("http://127.0.0.1:9000/", &open), None);
        assert_eq!(webhook_word("http://10.0.0.1/", &open), Some("literal_address"));
        assert_eq!(webhook_word("http://127.0.0.1:25/", &open), Some("bad_port"));
    }

    #[test]
    fn bad_ports_are_sorted_for_the_search() {
        assert!(BAD_PORTS.is_sorted());
        assert!(is_bad_port(10080) && is_bad_port(1) && !is_bad_port(443));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn every_carrier_of_a_denied_v4_is_denied(net in 0..DENIED_V4.len(), host in any::<u32>()) {
            let net = DENIED_V4[net].0;
            let v4 = Ipv4Addr::from_bits(net.network().to_bits() | (host & net.hostmask().to_bits()));
            let [a, b] = [(v4.to_bits() >> 16) as u16, (v4.to_bits() & 0xffff) as u16];
            let carriers = [
                IpAddr::V4(v4),
                v4.to_ipv6_mapped().into(),
                Ipv6Addr::new(0, 0, 0, 0, 0, 0, a, b).into(),
                Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, a, b).into(),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b).into(),
                Ipv6Addr::new(0x2002, a, b, 0, 0, 0, 0, 1).into(),
                Ipv6Addr::new(0x2001, 0, 0x808, 0x808, 0, 0, !a, !b).into(),
                Ipv6Addr::new(0x2600, 0, 0, 0, 0, 0x5efe, a, b).into(),
            ];
            for carrier in carriers {
                prop_assert!(AddressPolicy::default().judge(carrier).is_err(), "{}", carrier);
            }
        }

        #[test]
        fn a_named_v4_net_admits_its_mapped_forms(bits in any::<u32>(), prefix in 8u8..=32) {
            let v4 = Ipv4Addr::from_bits(bits);
            prop_assume!(!METADATA_V4.contains(&v4));
            let policy = AddressPolicy::new(vec![IpNet::new(v4.into(), prefix).unwrap().trunc()]);
            prop_assert_eq!(policy.judge(v4.into()), Ok(()));
            prop_assert_eq!(policy.judge(v4.to_ipv6_mapped().into()), Ok(()));
        }
    }
}
