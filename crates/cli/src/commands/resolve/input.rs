//! Where the links to resolve come from: arguments, lines, or a column of a CSV. Read one by one, so that a list may be
//! longer than memory.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read as _},
    path::Path,
};

use anyhow::{Context as _, Result, bail, ensure};
use url::Url;

/// One line or CSV record.
const RECORD_BYTES_MAX: u64 = 64 * 1024;
/// Column names that hold the link, best first.
const LINK_COLUMNS: [&str; 3] = ["url", "tracking_url", "link"];
/// The column that says where a link should end.
const EXPECTED_COLUMN: &str = "expected_domain";

/// One link of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) url: String,
    pub(super) expected_domain: Option<String>,
    /// The input's own cells, by the columns of its header; empty without one.
    pub(super) cells: Vec<String>,
}

/// The links of a batch, in order.
pub(super) struct Input {
    /// The input's header, when it is a CSV with one.
    pub(super) header: Vec<String>,
    rows: Box<dyn Iterator<Item = Result<Row>> + Send>,
}

impl Input {
    pub(super) fn of_arguments(urls: Vec<String>) -> Self {
        let rows = urls.into_iter().map(|url| Ok(Row { url, ..Row::default() }));
        Self { header: Vec::new(), rows: Box::new(rows) }
    }

    /// Opens `-` (stdin) or a file. `column` names the CSV column of the link.
    pub(super) fn open(path: &Path, column: Option<&str>) -> Result<Self> {
        let read_as = || format!("read the links of {}", path.display());
        let source: Box<dyn BufRead + Send> = if path == Path::new("-") {
            Box::new(BufReader::new(io::stdin()))
        } else {
            Box::new(BufReader::new(fs::File::open(path).with_context(read_as)?))
        };
        let is_csv = column.is_some() || path.extension().is_some_and(|ending| ending == "csv");
        Self::read(source, is_csv, column).with_context(read_as)
    }

    fn read(mut source: Box<dyn BufRead + Send>, is_csv: bool, column: Option<&str>) -> Result<Self> {
        skip_mark(&mut source)?;
        let first = record_at(&mut source)?.unwrap_or_default();
        if is_csv || link_column(&cells_of(&first)?, None).is_some() {
            return csv_rows(&first, source, column);
        }
        let rows = std::iter::once(Ok(first)).chain(Records(source));
        let links = rows.filter_map(|line| line.map(|line| link_in(&line)).transpose());
        Ok(Self {
            header: Vec::new(),
            rows: Box::new(links.map(|url| Ok(Row { url: url?, ..Row::default() }))),
        })
    }

    /// How many links there are, without keeping them.
    pub(super) fn count(self) -> Result<usize> {
        self.rows.map(|row| row.map(|_| 1)).sum()
    }
}

impl Iterator for Input {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next()
    }
}

/// Blank lines and remarks are no links.
fn link_in(line: &str) -> Option<String> {
    let line = line.trim();
    (!line.is_empty() && !line.starts_with('#')).then(|| line.to_owned())
}

fn skip_mark(source: &mut Box<dyn BufRead + Send>) -> Result<()> {
    if source.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
        source.consume("\u{feff}".len());
    }
    Ok(())
}

/// The records of a source, line by line; a quoted cell may go on over the end of a line.
struct Records(Box<dyn BufRead + Send>);

impl Iterator for Records {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        record_at(&mut self.0).transpose()
    }
}

/// The next line, with its line ending; `None` at the end.
fn record_at(source: &mut Box<dyn BufRead + Send>) -> Result<Option<String>> {
    let mut bytes = Vec::new();
    source.take(RECORD_BYTES_MAX + 1).read_until(b'\n', &mut bytes)?;
    ensure!(bytes.len() as u64 <= RECORD_BYTES_MAX, "a line is longer than {RECORD_BYTES_MAX} bytes");
    let text = String::from_utf8(bytes).context("save it as UTF-8")?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// The records of a CSV; a cell in quotes may hold line ends.
struct CsvRecords(Records);

impl Iterator for CsvRecords {
    type Item = Result<Vec<String>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut text = String::new();
        loop {
            match self.0.next() {
                None if text.is_empty() => return None,
                None => return Some(cells_of(&text)),
                Some(Err(error)) => return Some(Err(error)),
                Some(Ok(line)) => text.push_str(&line),
            }
            // Quotes come in pairs in a whole record (RFC 4180 §2).
            if text.matches('"').count().is_multiple_of(2) {
                return Some(cells_of(&text));
            }
            if text.len() as u64 > RECORD_BYTES_MAX {
                return Some(Err(anyhow::anyhow!(
                    "a record is longer than {RECORD_BYTES_MAX} bytes: close its quotes"
                )));
            }
        }
    }
}

fn cells_of(record: &str) -> Result<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(record.as_bytes());
    let cells = reader.records().next().transpose().context("the CSV is malformed")?;
    Ok(cells.map(|cells| cells.iter().map(|cell| cell.trim().to_owned()).collect()).unwrap_or_default())
}

fn csv_rows(first: &str, rest: Box<dyn BufRead + Send>, column: Option<&str>) -> Result<Input> {
    let first = cells_of(first)?;
    let named = link_column(&first, column);
    if let (Some(column), None) = (column, named) {
        bail!("there is no column {column:?}; it has {}", first.join(", "));
    }
    // Without a header that names the column it is the first; a first row whose first cell is no URL is a header.
    let has_header = named.is_some() || first.first().is_none_or(|cell| Url::parse(cell).is_err());
    let link = named.unwrap_or(0);
    let header = if has_header { first.clone() } else { Vec::new() };
    let expected = position(&header, EXPECTED_COLUMN);
    let first = (!has_header).then_some(Ok(first));
    let rows = first.into_iter().chain(CsvRecords(Records(rest))).filter_map(move |cells| {
        let row = cells.map(|cells| Row {
            url: cells.get(link).cloned().unwrap_or_default(),
            expected_domain: expected.and_then(|at| cells.get(at)).filter(|cell| !cell.is_empty()).cloned(),
            cells,
        });
        Some(row).filter(|row| row.as_ref().map_or(true, |row| !row.url.is_empty()))
    });
    Ok(Input { header, rows: Box::new(rows) })
}

/// The column of the link, if this row is a header that names one.
fn link_column(header: &[String], column: Option<&str>) -> Option<usize> {
    match column {
        Some(name) => position(header, name),
        None => LINK_COLUMNS.iter().find_map(|name| position(header, name)),
    }
}

pub(super) fn position(header: &[String], name: &str) -> Option<usize> {
    header.iter().position(|cell| cell.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(text: &str, is_csv: bool, column: Option<&str>) -> Result<Input> {
        Input::read(Box::new(io::Cursor::new(text.as_bytes().to_vec())), is_csv, column)
    }

    fn urls(text: &str, is_csv: bool) -> Vec<String> {
        input(text, is_csv, None).unwrap().map(|row| row.unwrap().url).collect()
    }

    #[test]
    fn lines_are_links_even_with_commas() {
        let text = "\u{feff}https://a.example/x,y\n\n# a remark\n  https://b.example \r\nno link";
        assert_eq!(urls(text, false), ["https://a.example/x,y", "https://b.example", "no link"]);
        assert_eq!(urls("", false), Vec::<String>::new());
    }

    #[test]
    fn a_csv_gives_its_link_column() {
        let named = "id,URL,note\n1,https://a.example/?a=1,x\n2,\"https://b.example/x,y\",\n3\n";
        assert_eq!(urls(named, false), ["https://a.example/?a=1", "https://b.example/x,y"]);
        assert_eq!(urls("row_id,tracking_url\nr1,https://a.example/\n", true), ["https://a.example/"]);
        assert_eq!(urls("https://a.example/,x\nhttps://b.example/\n", true).len(), 2);
        assert_eq!(urls("where,who\nhttps://a.example/,x\n", true), ["https://a.example/"]);
    }

    #[test]
    fn a_column_is_chosen_by_name_and_the_others_are_kept() {
        let text =
            "id,Offer,expected_domain,url\n7,https://a.example/,shop.example,x\n8,https://b.example/,,y\n";
        let input = input(text, true, Some("offer")).unwrap();
        assert_eq!(input.header, ["id", "Offer", "expected_domain", "url"]);
        let rows: Vec<Row> = input.map(Result::unwrap).collect();
        assert_eq!(rows[0].url, "https://a.example/");
        assert_eq!(rows[0].expected_domain.as_deref(), Some("shop.example"));
        assert_eq!(rows[1].expected_domain, None);
        assert_eq!(rows[1].cells, ["8", "https://b.example/", "", "y"]);
    }

    #[test]
    fn a_missing_column_is_told_with_those_there_are() {
        let error = input("id,url\n", true, Some("offer")).err().unwrap();
        assert_eq!(error.to_string(), "there is no column \"offer\"; it has id, url");
    }

    #[test]
    fn quoted_cells_may_span_lines() {
        let text = "note,url\n\"two\nlines \"\"x\"\"\",https://a.example/\nz,https://b.example/\n";
        let rows: Vec<Row> = input(text, true, None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows[0].cells[0], "two\nlines \"x\"");
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn records_are_bounded() {
        let long = "x".repeat(usize::try_from(RECORD_BYTES_MAX).unwrap() + 1);
        assert!(input(&long, false, None).is_err());
        let open = format!("url\n\"{}", "x\n".repeat(40_000));
        let ended: Result<Vec<Row>> = input(&open, true, None).unwrap().collect();
        assert!(ended.unwrap_err().to_string().contains("close its quotes"));
    }

    #[test]
    fn counting_keeps_nothing_and_finds_all() {
        assert_eq!(input("url\na\n\nb\n", true, None).unwrap().count().unwrap(), 2);
    }
}
