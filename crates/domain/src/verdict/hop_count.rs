//! `hop_count`: how many hops the chain has, the first request included.

use super::Verdict;
use crate::chain::Chain;

pub(super) fn hop_count(chain: &Chain) -> Verdict<u32> {
    Verdict::plain(chain.hops_count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain_samples::redirects;

    #[test]
    fn counts_the_first_request_too() {
        for count in 0..20_u32 {
            let urls = vec!["https://a.example/"; count as usize];
            assert_eq!(hop_count(&redirects(&urls)).value, Some(count));
        }
    }
}
