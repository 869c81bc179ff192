//! Splitting visits by a stateless hash: no cookie, and the same visitor always gets the same side.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::id::LinkId;

/// Whether a visitor is among the first `percent` of a hundred, by SHA-256 over link, rule, address and agent.
pub(super) fn falls_within(
    percent: u8,
    (link_id, rule): (LinkId, usize),
    (address, agent): (IpAddr, &str),
) -> bool {
    let hash = Sha256::new()
        .chain_update(link_id.0.as_bytes())
        .chain_update(u64::try_from(rule).unwrap_or(u64::MAX).to_be_bytes())
        .chain_update(address.to_canonical().to_string())
        .chain_update([0])
        .chain_update(agent)
        .finalize();
    let number = hash.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    number % 100 < u64::from(percent)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use uuid::Uuid;

    use super::*;

    fn share(percent: u8, rule: usize) -> usize {
        let link = LinkId(Uuid::from_u128(7));
        let visitors = (0..10_000_u32).map(|n| IpAddr::V4(Ipv4Addr::from(n)));
        visitors.filter(|address| falls_within(percent, (link, rule), (*address, "agent"))).count()
    }

    #[test]
    fn shares_come_out_right_and_stay() {
        assert_eq!((share(0, 0), share(100, 0)), (0, 10_000));
        for percent in [1_u8, 10, 50, 90] {
            let expected = usize::from(percent) * 100;
            assert!(share(percent, 3).abs_diff(expected) < 200, "{percent}: {}", share(percent, 3));
        }
        assert_eq!(share(50, 1), share(50, 1));
    }

    #[test]
    fn rules_and_agents_split_independently() {
        let (link, address) = (LinkId(Uuid::from_u128(7)), IpAddr::from([192, 0, 2, 1]));
        let by_rule: Vec<bool> = (0..64).map(|rule| falls_within(50, (link, rule), (address, "a"))).collect();
        assert!(by_rule.contains(&true) && by_rule.contains(&false));
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().unwrap();
        let of = |address| falls_within(50, (link, 0), (address, "a"));
        assert_eq!(of(mapped), of(address));
    }
}
