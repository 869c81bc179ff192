//! Chains as CSV: one row a link, a fixed header.

use hopline_domain::chain::Chain;

const HEADER: [&str; 8] =
    ["url", "final_url", "status", "reason", "http_status", "hops", "duration_ms", "title"];

pub(crate) fn header() -> Vec<u8> {
    row(&HEADER.map(str::to_owned))
}

pub(crate) fn record(chain: &Chain) -> Vec<u8> {
    let status: &'static str = chain.status.into();
    row(&[
        chain.url.clone(),
        chain.final_url.clone().unwrap_or_default(),
        status.to_owned(),
        chain.reason.map(|reason| reason.as_str().to_owned()).unwrap_or_default(),
        chain.last_status().map(|status| status.to_string()).unwrap_or_default(),
        chain.hops.len().to_string(),
        chain.duration_ms.to_string(),
        chain.title.as_deref().map(no_formula).unwrap_or_default(),
    ])
}

/// A title is a stranger's text: spreadsheets run cells that begin like a formula, so such a one gets an apostrophe.
fn no_formula(title: &str) -> String {
    let title = title.trim();
    if title.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{title}") } else { title.to_owned() }
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
        chain.title = Some("=HYPERLINK(\"x\"), \"quoted\"\nand more".to_owned());
        let text = [header(), record(&chain), record(&samples::failed(Reason::Dns))].concat();
        insta::assert_snapshot!(String::from_utf8(text).unwrap(), @r#"
        url,final_url,status,reason,http_status,hops,duration_ms,title
        http://bit.ly/3xyz,https://shop.example/offer,done,,200,3,412,"'=HYPERLINK(""x""), ""quoted""
        and more"
        http://bit.ly/3xyz,,failed,dns,404,1,412,
        "#);
    }
}
