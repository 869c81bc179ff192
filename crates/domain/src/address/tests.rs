//! Every spelling of an address that must not be reached, and what named nets admit.

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
    for refused in
        ["169.254.169.254", "::ffff:169.254.169.254", "168.63.129.16", "fd00:ec2::254", "64:ff9b::a9fe:a9fe"]
    {
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
    assert_eq!(webhook_word(&format!("https://example.com/{}", "a".repeat(2048)), &closed), Some("too_long"));
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
