//! Where the links to resolve come from: arguments, lines, or a CSV's `url` column.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use anyhow::{Context as _, Result, bail, ensure};
use url::Url;

/// Links of one batch.
const LINKS_MAX: usize = 1_000_000;
/// Bytes of one input file.
const INPUT_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Column names that hold the link, best first.
const COLUMNS: [&str; 3] = ["url", "tracking_url", "link"];

/// Reads `-` (stdin) or a file.
pub(super) fn read(path: &Path) -> Result<Vec<String>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(INPUT_BYTES_MAX).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(INPUT_BYTES_MAX).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("read the links of {}", path.display()))?;
    let text = String::from_utf8(bytes)
        .with_context(|| format!("read the links of {}: save it as UTF-8", path.display()))?;
    let links =
        parse(text.trim_start_matches('\u{feff}'), path.extension().is_some_and(|ending| ending == "csv"))?;
    ensure!(!links.is_empty(), "find a link in {}: it has none", path.display());
    ensure!(
        links.len() <= LINKS_MAX,
        "read the links of {}: more than {LINKS_MAX}, split the file",
        path.display()
    );
    Ok(links)
}

fn parse(text: &str, is_csv_file: bool) -> Result<Vec<String>> {
    let first = text.lines().next().unwrap_or_default();
    if is_csv_file || column_of(&first.split(',').map(str::to_owned).collect::<Vec<_>>()).is_some() {
        return parse_csv(text);
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(str::to_owned).collect())
}

/// The column of the link, if this row is a header that names one.
fn column_of(header: &[String]) -> Option<usize> {
    let is_named = |field: &String, name: &str| field.trim().trim_matches('"').eq_ignore_ascii_case(name);
    COLUMNS.iter().find_map(|name| header.iter().position(|field| is_named(field, name)))
}

fn parse_csv(text: &str) -> Result<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.context("read the links: the CSV is malformed")?;
        rows.push(record.iter().map(str::to_owned).collect::<Vec<_>>());
    }
    let Some(first) = rows.first() else { bail!("read the links: the CSV is empty") };
    let column = column_of(first);
    // Without a header that names the column it is the first; a first row whose first cell is no URL is a header.
    let has_header = column.is_some() || first.first().is_none_or(|cell| Url::parse(cell.trim()).is_err());
    let column = column.unwrap_or(0);
    let cells = rows.iter().skip(usize::from(has_header)).filter_map(|row| row.get(column));
    Ok(cells.map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_links_even_with_commas() {
        let text = "https://a.example/x,y\n\n# a remark\n  https://b.example \r\nno link\n";
        assert_eq!(parse(text, false).unwrap(), ["https://a.example/x,y", "https://b.example", "no link"]);
    }

    #[test]
    fn a_csv_gives_its_url_column() {
        let named = "id,URL,note\n1,https://a.example/?a=1,x\n2,\"https://b.example/x,y\",\n3\n";
        assert_eq!(parse(named, false).unwrap(), ["https://a.example/?a=1", "https://b.example/x,y"]);
        let rows = "row_id,tracking_url\nr1,https://a.example/\n";
        assert_eq!(parse(rows, true).unwrap(), ["https://a.example/"]);
        assert_eq!(parse("https://a.example/,x\nhttps://b.example/\n", true).unwrap().len(), 2);
        assert_eq!(parse("where,who\nhttps://a.example/,x\n", true).unwrap(), ["https://a.example/"]);
    }
}
