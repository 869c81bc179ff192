//! Chains as CSV: one row a chain, of the columns chosen.

use anyhow::{Result, bail};
use hopline_domain::{
    chain::{Chain, HopKind},
    compare::Comparison,
    outcome::Reason,
    verdict::Verdict,
};

use crate::output::harmless;

/// A column: one of ours, or one of the input's.
#[derive(Clone, Debug)]
pub(crate) enum Column {
    Field(&'static Field),
    /// Its place in the input's header, and its name there.
    Input(usize, String),
    /// The point of view's name.
    Profile,
    /// Whether all points of view end alike.
    Destination,
    /// The hop where they part, counted from 0.
    PartsAt,
}

/// A statement about a chain with the name of its column.
#[derive(Debug)]
pub(crate) struct Field {
    name: &'static str,
    cell: fn(&Chain) -> String,
}

/// The columns when none are chosen.
const DEFAULT: [&str; 8] =
    ["url", "final_url", "status", "reason", "http_status", "hops", "duration_ms", "title"];

/// Columns about the points of view; they come first where there are several.
const COMPARISON: [&str; 3] = ["profile", "destination", "parts_at"];

const FIELDS: [Field; 28] = [
    Field { name: "url", cell: |chain| chain.url.clone() },
    Field { name: "final_url", cell: |chain| text(chain.final_url.as_ref()) },
    Field { name: "status", cell: |chain| <&str>::from(chain.status).to_owned() },
    Field { name: "reason", cell: |chain| text(chain.reason.map(Reason::as_str)) },
    Field { name: "vendor", cell: |chain| text(chain.vendor.as_ref()) },
    Field { name: "http_status", cell: |chain| text(chain.last_status()) },
    Field { name: "hops", cell: |chain| chain.hops.len().to_string() },
    Field { name: "kinds", cell: kinds },
    Field { name: "duration_ms", cell: |chain| chain.duration_ms.to_string() },
    Field { name: "started_at", cell: |chain| chain.started_at.to_string() },
    Field { name: "title", cell: |chain| text(chain.title.as_ref()) },
    Field { name: "engine", cell: |chain| text(chain.engine.map(<&str>::from)) },
    Field { name: "download", cell: |chain| chain.download.to_string() },
    Field { name: "framed_url", cell: |chain| text(chain.framed_url.as_ref()) },
    Field { name: "provider", cell: |chain| text(chain.hops.first().and_then(|hop| hop.provider.as_ref())) },
    Field { name: "offline_url", cell: |chain| text(chain.offline.as_ref().map(|offline| &offline.url)) },
    Field { name: "offline_rule", cell: |chain| text(chain.offline.as_ref().map(|offline| &offline.rule)) },
    Field {
        name: "offline_agrees",
        cell: |chain| text(chain.offline.as_ref().and_then(|offline| offline.agrees)),
    },
    Field { name: "as_expected", cell: |chain| text(chain.verdicts.expected_domain.value) },
    Field { name: "https_all_hops", cell: |chain| text(chain.verdicts.https_all_hops.value) },
    Field { name: "https_downgrade", cell: |chain| text(chain.verdicts.https_downgrade.value) },
    Field { name: "parallel_tracking_safe", cell: |chain| text(chain.verdicts.parallel_tracking_safe.value) },
    Field { name: "click_ids", cell: |chain| list(&chain.verdicts.click_ids, |id| id.id.as_str()) },
    Field { name: "click_ids_lost", cell: click_ids_lost },
    Field { name: "params_lost", cell: |chain| list(&chain.verdicts.params_lost, String::as_str) },
    Field { name: "networks", cell: networks },
    Field { name: "slow_hops", cell: slow_hops },
    Field { name: "drift", cell: |chain| list(&chain.verdicts.drift, |change| change.into()) },
];

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// How each hop was got to, after the first.
fn kinds(chain: &Chain) -> String {
    let words =
        chain.hops.iter().map(|hop| hop.kind).filter(|kind| *kind != HopKind::Start).map(<&str>::from);
    words.collect::<Vec<_>>().join(" ")
}

/// The items of a verdict, separated by spaces.
fn list<T>(verdict: &Verdict<Vec<T>>, word: impl Fn(&T) -> &str) -> String {
    verdict.value.iter().flatten().map(word).collect::<Vec<_>>().join(" ")
}

fn click_ids_lost(chain: &Chain) -> String {
    let ids = chain.verdicts.click_ids.value.iter().flatten();
    ids.filter(|id| !id.survived).map(|id| id.id.as_str()).collect::<Vec<_>>().join(" ")
}

fn networks(chain: &Chain) -> String {
    let met = chain.verdicts.networks.value.iter().flat_map(|networks| &networks.met);
    met.map(|network| network.provider.as_str()).collect::<Vec<_>>().join(" ")
}

/// Each as `hop:ms`, hops counted from 0 as in the chain document.
fn slow_hops(chain: &Chain) -> String {
    let slow = chain.verdicts.slow_hops.value.iter().flatten();
    slow.map(|slow| format!("{}:{}", slow.hop, slow.ms)).collect::<Vec<_>>().join(" ")
}

/// The columns of `names`, which are fields of ours or columns of the input's `header`.
pub(crate) fn columns(names: &[String], header: &[String]) -> Result<Vec<Column>> {
    names.iter().map(|name| column(name, header)).collect()
}

/// The names when none are chosen, for so many points of view.
pub(crate) fn default_names(viewpoints: usize) -> Vec<String> {
    let compared = COMPARISON.iter().filter(|_| viewpoints > 1);
    compared.chain(&DEFAULT).map(|name| (*name).to_owned()).collect()
}

fn column(name: &str, header: &[String]) -> Result<Column> {
    if let Some(field) = FIELDS.iter().find(|field| field.name == name) {
        return Ok(Column::Field(field));
    }
    match name {
        "profile" => return Ok(Column::Profile),
        "destination" => return Ok(Column::Destination),
        "parts_at" => return Ok(Column::PartsAt),
        _ => {}
    }
    match header.iter().position(|cell| cell.eq_ignore_ascii_case(name)) {
        Some(place) => Ok(Column::Input(place, header[place].clone())),
        None => bail!("use --columns: there is no column {name:?}; there are {}", known(header)),
    }
}

fn known(header: &[String]) -> String {
    let ours = FIELDS.iter().map(|field| field.name).chain(COMPARISON);
    let all: Vec<&str> = ours.chain(header.iter().map(String::as_str)).collect();
    all.join(", ")
}

impl Column {
    fn name(&self) -> String {
        match self {
            Self::Field(field) => field.name.to_owned(),
            Self::Input(_, name) => inert(name),
            Self::Profile => "profile".to_owned(),
            Self::Destination => "destination".to_owned(),
            Self::PartsAt => "parts_at".to_owned(),
        }
    }

    fn cell(&self, record: Record<'_>) -> String {
        match self {
            Self::Field(field) => inert(&(field.cell)(record.chain)),
            Self::Input(place, _) => record.cells.get(*place).map(|cell| inert(cell)).unwrap_or_default(),
            Self::Profile => inert(record.profile),
            Self::Destination => <&str>::from(record.comparison.destination).to_owned(),
            Self::PartsAt => text(record.comparison.parts_at.as_ref().map(|parting| parting.hop)),
        }
    }
}

/// What a row is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) chain: &'a Chain,
    pub(crate) profile: &'a str,
    /// Of the input's row.
    pub(crate) cells: &'a [String],
    /// Of all chains of the link.
    pub(crate) comparison: &'a Comparison,
}

/// The place of the column that names the link.
pub(crate) fn url_column(columns: &[Column]) -> Option<usize> {
    columns.iter().position(|column| matches!(column, Column::Field(field) if field.name == "url"))
}

pub(crate) fn header(columns: &[Column]) -> Vec<u8> {
    row(columns.iter().map(Column::name))
}

pub(crate) fn record(columns: &[Column], record: Record<'_>) -> Vec<u8> {
    row(columns.iter().map(|column| column.cell(record)))
}

/// A stranger's text as a cell that does nothing: spreadsheets run what begins like a formula, so such a one gets an
/// apostrophe; terminals run control characters.
pub(crate) fn inert(text: &str) -> String {
    let text = text.trim();
    let apostrophe = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("{apostrophe}{}", harmless(text))
}

/// Invariant: writing to memory does not fail.
fn row(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let _ = writer.write_record(cells.collect::<Vec<_>>());
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use hopline_domain::{
        chain::Timings,
        compare::compare,
        verdict::{self, Expectations},
    };

    use super::*;
    use crate::view::chain::samples;

    fn table(names: &[&str], header_cells: &[&str], chains: &[Chain]) -> String {
        let chosen: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let cells: Vec<String> = header_cells.iter().map(|cell| (*cell).to_owned()).collect();
        let columns =
            columns(&if chosen.is_empty() { default_names(chains.len()) } else { chosen }, &cells).unwrap();
        let named: Vec<(&str, &Chain)> = chains.iter().map(|chain| ("mobile", chain)).collect();
        let comparison = &compare(&named);
        let rows = named
            .iter()
            .map(|(profile, chain)| record(&columns, Record { chain, profile, cells: &cells, comparison }));
        String::from_utf8(std::iter::once(header(&columns)).chain(rows).flatten().collect()).unwrap()
    }

    #[test]
    fn rows_follow_the_header() {
        let mut chain = samples::done();
        chain.title = Some("=HYPERLINK(\"x\"), \"quoted\"\u{1b}[2J".to_owned());
        chain.url = " =1+1".to_owned();
        insta::assert_snapshot!(table(&[], &[], &[chain]), @r#"
        url,final_url,status,reason,http_status,hops,duration_ms,title
        '=1+1,https://shop.example/offer,done,,200,3,412,"'=HYPERLINK(""x""), ""quoted""�[2J"
        "#);
    }

    #[test]
    fn several_points_of_view_are_told_apart_and_compared() {
        insta::assert_snapshot!(table(&[], &[], &[samples::done(), samples::failed(Reason::Dns)]), @r"
        profile,destination,parts_at,url,final_url,status,reason,http_status,hops,duration_ms,title
        mobile,unknown,1,http://bit.ly/3xyz,https://shop.example/offer,done,,200,3,412,An offer�[2J
        mobile,unknown,1,http://bit.ly/3xyz,,failed,dns,404,1,412,
        ");
    }

    #[test]
    fn columns_are_chosen_and_the_inputs_are_kept() {
        let text =
            table(&["id", "kinds", "engine", "profile", "provider"], &["ID", "=x"], &[samples::done()]);
        insta::assert_snapshot!(text, @r"
        ID,kinds,engine,profile,provider
        ID,http_redirect meta_refresh,http,mobile,bitly
        ");
    }

    #[test]
    fn verdicts_have_columns() {
        let mut chain = samples::done();
        chain.hops[0].url = "http://bit.ly/3xyz?gclid=1&x=2".to_owned();
        chain.hops[0].timings_ms = Some(Timings { wait: 1_700, ..Timings::default() });
        chain.verdicts =
            verdict::of(&chain, &Expectations { expected_domain: Some("shop.example"), previous: None });
        let names = [
            "as_expected",
            "https_downgrade",
            "click_ids",
            "click_ids_lost",
            "params_lost",
            "networks",
            "slow_hops",
            "drift",
        ];
        insta::assert_snapshot!(table(&names, &[], &[chain]), @r"
        as_expected,https_downgrade,click_ids,click_ids_lost,params_lost,networks,slow_hops,drift
        true,false,gclid,gclid,gclid x,,0:1700,
        ");
    }

    #[test]
    fn an_unknown_column_is_told_with_those_there_are() {
        let error = columns(&["nope".to_owned()], &["mine".to_owned()]).unwrap_err().to_string();
        assert!(
            error.starts_with("use --columns: there is no column \"nope\"; there are url, final_url,"),
            "{error}"
        );
        assert!(error.ends_with("profile, destination, parts_at, mine"), "{error}");
    }

    #[test]
    fn names_of_fields_are_unique() {
        let mut names: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FIELDS.len());
    }
}
