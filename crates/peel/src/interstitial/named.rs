//! What the URL of an interstitial says of its destination, for comparing it with the link its page shows.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use percent_encoding::percent_decode_str;
use url::{Url, form_urlencoded};

/// Accepts padding or none.
const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const ENGINES: [GeneralPurpose; 2] =
    [GeneralPurpose::new(&alphabet::STANDARD, CONFIG), GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG)];

/// Whether one of `parameters` of `page` is `link`: as it is, percent-encoded once more, or in base64.
pub(super) fn is_named(page: &Url, parameters: &[String], link: &Url) -> bool {
    let values = parameters.iter().flat_map(|name| values(page, name));
    values.flat_map(|value| readings(&value)).any(|text| is_same(&text, link))
}

fn values(page: &Url, name: &str) -> Vec<String> {
    let query = page.query().unwrap_or_default();
    if name == "?" {
        return vec![query.to_owned()];
    }
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
}

fn readings(value: &str) -> Vec<String> {
    let decoded = percent_decode_str(value).decode_utf8().map(std::borrow::Cow::into_owned);
    let based = ENGINES.iter().filter_map(|engine| engine.decode(value).ok());
    let texts = based.filter_map(|bytes| String::from_utf8(bytes).ok());
    [value.to_owned()].into_iter().chain(decoded).chain(texts).collect()
}

/// Fragments and a scheme left out make no other link.
fn is_same(text: &str, link: &Url) -> bool {
    let same = |text: &str| {
        Url::parse(text)
            .is_ok_and(|url| url[..url::Position::AfterQuery] == link[..url::Position::AfterQuery])
    };
    same(text) || same(&format!("{}://{text}", link.scheme()))
}
