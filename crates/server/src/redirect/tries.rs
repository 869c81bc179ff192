//! How often somebody may try a link's password: 5 times a minute per address and link.

use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use hopline_domain::{
    id::LinkId,
    time::{MINUTE_MS, Timestamp},
};

const TRIES_PER_MINUTE: usize = 5;
/// Addresses and links remembered; when all are within their minute, nobody new may try.
const TRIERS_MAX: usize = 50_000;
/// An IPv6 customer has at least this many bits to choose addresses from.
const IPV6_CUSTOMER_BITS: u32 = 64;

#[derive(Debug, Default)]
pub(super) struct Tries {
    by_trier: Mutex<HashMap<(LinkId, IpAddr), VecDeque<Timestamp>>>,
}

/// Seconds after which the next try is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    pub(super) retry_after_s: u32,
}

impl Tries {
    /// Counts a try, right or wrong.
    pub(super) fn take(&self, link_id: LinkId, address: IpAddr, now: Timestamp) -> Result<(), TooMany> {
        let mut by_trier = self.by_trier.lock().unwrap_or_else(PoisonError::into_inner);
        if by_trier.len() >= TRIERS_MAX {
            by_trier.retain(|_, tries| tries.back().is_some_and(|last| now.since_ms(*last) < MINUTE_MS));
        }
        let trier = (link_id, customer(address));
        if by_trier.len() >= TRIERS_MAX && !by_trier.contains_key(&trier) {
            return Err(too_many(MINUTE_MS));
        }
        let tries = by_trier.entry(trier).or_default();
        while tries.front().is_some_and(|first| now.since_ms(*first) >= MINUTE_MS) {
            tries.pop_front();
        }
        if let Some(first) = tries.front().filter(|_| tries.len() >= TRIES_PER_MINUTE) {
            return Err(too_many(MINUTE_MS - now.since_ms(*first)));
        }
        tries.push_back(now);
        Ok(())
    }
}

fn too_many(wait_ms: i64) -> TooMany {
    TooMany { retry_after_s: u32::try_from((wait_ms + 999) / 1_000).unwrap_or(1).max(1) }
}

/// An address without what its holder may change at will.
fn customer(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let kept = u128::MAX << (u128::BITS - IPV6_CUSTOMER_BITS);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & kept))
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const LINK: LinkId = LinkId(Uuid::nil());

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn five_a_minute_and_no_more() {
        let (tries, now) = (Tries::default(), Timestamp(1_000_000));
        let home = address("192.0.2.1");
        for second in 0..5 {
            assert_eq!(tries.take(LINK, home, now.plus_ms(second * 1_000)), Ok(()));
        }
        assert_eq!(tries.take(LINK, home, now.plus_ms(10_000)), Err(TooMany { retry_after_s: 50 }));
        assert_eq!(tries.take(LINK, home, now.plus_ms(59_999)), Err(TooMany { retry_after_s: 1 }));
        assert_eq!(tries.take(LINK, home, now.plus_ms(60_000)), Ok(()));
        assert!(tries.take(LINK, home, now.plus_ms(60_500)).is_err());
        assert_eq!(tries.take(LinkId(Uuid::from_u128(1)), home, now), Ok(()));
        assert_eq!(tries.take(LINK, address("192.0.2.2"), now), Ok(()));
    }

    #[test]
    fn one_network_is_one_trier() {
        let (tries, now) = (Tries::default(), Timestamp(1_000_000));
        for host in 1..=5 {
            assert!(tries.take(LINK, address(&format!("2001:db8::{host}")), now).is_ok());
        }
        assert!(tries.take(LINK, address("2001:db8::6"), now).is_err());
        assert!(tries.take(LINK, address("2001:db8:0:1::6"), now).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let (tries, now) = (Tries::default(), Timestamp(1_000_000));
        for number in 0..u32::try_from(TRIERS_MAX).unwrap() {
            assert!(tries.take(LINK, IpAddr::V4(number.into()), now).is_ok());
        }
        let late = address("203.0.113.9");
        assert!(tries.take(LINK, late, now).is_err());
        assert!(tries.take(LINK, late, now.plus_ms(MINUTE_MS)).is_ok());
    }
}
