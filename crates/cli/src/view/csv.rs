//! Chains as CSV: one row a link, a fixed header.

use hopline_domain::chain::Chain;

use crate::output::harmless;

const HEADER: [&str; 8] =
    ["url", "final_url", "status", "reason", "http_status", "hops", "duration_ms", "title"];

pub(crate) fn header() -> Vec<u8> {
    row(&HEADER.map(str::to_owned))
}

pub(crate) fn record(chain: &Chain) -> Vec<u8> {
    let status: &'static str = chain.status.into();
    row(&[
        inert(&chain.url),
        chain.final_url.as_deref().map(inert).unwrap_or_default(),
        status.to_owned(),
        chain.reason.map(|reason| reason.as_str().to_owned()).unwrap_or_default(),
        chain.last_status().map(|status| status.to_string()).unwrap_or_default(),
        chain.hops.len().to_string(),
        chain.duration_ms.to_string(),
        chain.title.as_deref().map(inert).unwrap_or_default(),
    ])
}

/// A stranger's text as a cell that does nothing: spreadsheets run what begins like a formula, so such a one gets an
/// apostrophe; terminals run control characters.
fn inert(text: &str) -> String {
    let text = text.trim();
    let apostrophe = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("{apostrophe}{}", harmless(text))
}

/// Invariant: writing to memory does not fail, and every row has the header's length.
fn row(fields: &[String; HEADER.len()]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let _ = writer.write_record(fields);
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use hopline_domain::outcome::Reason;

    use super::*;
    use crate::view::chain::samples;

    #[test]
    fn rows_follow_the_header() {
        let mut chain = samples::done();
        chain.title = Some("=HYPERLINK(\"x\"), \"quoted\"\u{1b}[2J".to_owned());
        chain.url = " =1+1".to_owned();
        let text = [header(), record(&chain), record(&samples::failed(Reason::Dns))].concat();
        insta::assert_snapshot!(String::from_utf8(text).unwrap(), @r#"
        url,final_url,status,reason,http_status,hops,duration_ms,title
        '=1+1,https://shop.example/offer,done,,200,3,412,"'=HYPERLINK(""x""), ""quoted""�[2J"
        http://bit.ly/3xyz,,failed,dns,404,1,412,
        "#);
    }
}
