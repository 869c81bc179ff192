//! `networks`: affiliate networks met on the way, in order, each once. Several in one chain mean that more than one may
//! claim the sale, which `several` flags.

use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::{
    chain::{Chain, Hop},
    provider::Catalogue,
};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Networks {
    pub met: Vec<NetworkMet>,
    /// More than one network was met.
    pub several: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkMet {
    /// Id of the provider in the catalogue.
    pub provider: String,
    /// The first hop on it.
    pub hop: u32,
}

/// Read from the providers the hops name; what the chain did not reach is not known.
pub(super) fn networks(chain: &Chain) -> Verdict<Networks> {
    if chain.hops.is_empty() {
        return Verdict::NOT_APPLICABLE;
    }
    let mut met: Vec<NetworkMet> = Vec::new();
    for (hop, provider) in chain.hops.iter().filter_map(|hop| Some((hop.index, network_of(hop)?))) {
        if met.iter().all(|known| known.provider != provider) {
            met.push(NetworkMet { provider: provider.to_owned(), hop });
        }
    }
    let several = met.len() > 1;
    let names = || met.iter().map(|network| network.provider.as_str()).collect::<Vec<_>>().join(", ");
    let detail = several.then(|| format!("{} networks: {}", met.len(), names()));
    Verdict { value: Some(Networks { met, several }), detail }
}

fn network_of(hop: &Hop) -> Option<&str> {
    let id = hop.provider.as_deref()?;
    Catalogue::builtin().provider(id).filter(|provider| provider.network).map(|provider| provider.id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain_samples::{ended, redirects},
        outcome::Reason,
    };

    const SHOP: &str = "https://shop.example/";
    const AWIN: &str = "https://www.awin1.com/cread.php?ued=x";
    const CJ: &str = "https://www.anrdoezrs.net/click-1-2";

    #[test]
    fn names_each_network_once_at_its_first_hop() {
        for (urls, met) in [
            (vec![SHOP], vec![]),
            (vec!["https://bit.ly/x", SHOP], vec![]),
            (vec![AWIN, SHOP], vec![("awin", 0)]),
            (vec![SHOP, AWIN], vec![("awin", 1)]),
            (vec![AWIN, "https://zenaps.com/x", SHOP], vec![("awin", 0)]),
            (vec![CJ, "https://cj.dotomi.com/x", "https://www.emjcd.com/y", SHOP], vec![("cj", 0)]),
            (vec![AWIN, CJ, SHOP], vec![("awin", 0), ("cj", 1)]),
            (vec![CJ, SHOP, AWIN, CJ], vec![("cj", 0), ("awin", 2)]),
            (vec!["https://brand.pxf.io/c/1/2/3", SHOP], vec![("impact", 0)]),
            (vec!["https://click.linksynergy.com/deeplink?murl=x", SHOP], vec![("rakuten", 0)]),
            (vec!["https://shareasale.com/r.cfm?u=1", SHOP], vec![("shareasale", 0)]),
            (vec!["https://prf.hn/click/camref:1", SHOP], vec![("partnerize", 0)]),
            (vec!["https://clk.tradedoubler.com/click?p=1", SHOP], vec![("tradedoubler", 0)]),
            (vec!["https://go.skimresources.com/?id=1", AWIN, SHOP], vec![("skimlinks", 0), ("awin", 1)]),
            (vec!["https://www.googleadservices.com/pagead/aclk", SHOP], vec![]),
            (vec!["https://awin1.com.evil.example/", SHOP], vec![]),
            (vec!["https://shop.example/?u=https://www.awin1.com/", SHOP], vec![]),
        ] {
            let Networks { met: found, several } = networks(&redirects(&urls)).value.unwrap();
            let found: Vec<_> = found.iter().map(|met| (met.provider.as_str(), met.hop)).collect();
            assert_eq!(found, met, "{urls:?}");
            assert_eq!(several, met.len() > 1, "{urls:?}");
        }
    }

    #[test]
    fn several_are_spelt_out_even_when_the_chain_broke_off() {
        let verdict = networks(&ended(redirects(&[AWIN, CJ]), Reason::Dns));
        assert_eq!(verdict.detail.as_deref(), Some("2 networks: awin, cj"));
        assert_eq!(networks(&redirects(&[])), Verdict::NOT_APPLICABLE);
    }
}
