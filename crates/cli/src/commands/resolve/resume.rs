//! Going on after an interruption: which rows an output file already holds. Results keep the order of the input, so the
//! whole records of the file are the results of the first rows.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::{input::Input, sink::Format};
use crate::view::csv::inert;

/// One record of an output; a chain document is at most 256 KiB, a comparison holds several.
const RECORD_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What of an output can be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// Links whose results are whole.
    pub(super) links: usize,
    /// Bytes they take, header included.
    bytes: u64,
}

impl Kept {
    pub(super) const fn is_nothing(self) -> bool {
        self.bytes == 0
    }
}

/// How the records of an output name their link.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) format: Format,
    /// First line of the CSV.
    pub(super) header: String,
    /// Place of `url` among the CSV's columns.
    pub(super) url_column: Option<usize>,
    /// Records per link in a CSV.
    pub(super) records_per_link: usize,
}

#[derive(Deserialize)]
struct Named {
    url: String,
}

/// Skips the rows of `input` whose results `path` holds, cuts a torn end off the file, and opens it to be continued.
pub(super) fn go_on(path: &Path, shape: &Shape, input: &mut Input) -> Result<(File, Kept)> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let mut file = file.with_context(|| format!("open {}", path.display()))?;
    let kept = kept(&mut file, shape, input).with_context(|| format!("resume {}", path.display()))?;
    file.set_len(kept.bytes)?;
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0))?;
    Ok((file, kept))
}

fn kept(file: &mut File, shape: &Shape, input: &mut Input) -> Result<Kept> {
    let mut reader = BufReader::new(file);
    let mut kept = Kept::default();
    if shape.format == Format::Csv {
        let column = shape.url_column.context("add url to --columns: rows are recognised by it")?;
        let header = whole_line(&mut reader)?;
        ensure!(
            header.as_ref().is_none_or(|header| *header == shape.header),
            "it has other columns than asked for now; give the --columns it was begun with"
        );
        kept.bytes = header.map_or(0, |header| header.len() as u64);
        while let Some((urls, bytes)) =
            group(&mut reader, shape.records_per_link, |line| csv_url(line, column))?
        {
            advance(&mut kept, input, &urls, bytes, inert)?;
        }
        return Ok(kept);
    }
    ensure!(shape.format == Format::Json, "use --json or --csv: only their output can be continued");
    while let Some((urls, bytes)) = group(&mut reader, 1, json_url)? {
        advance(&mut kept, input, &urls, bytes, str::to_owned)?;
    }
    Ok(kept)
}

/// Counts one link as done, if the input agrees that it comes here.
fn advance(
    kept: &mut Kept,
    input: &mut Input,
    urls: &[String],
    bytes: u64,
    shown: impl Fn(&str) -> String,
) -> Result<()> {
    let place = kept.links + 1;
    let row = input
        .next()
        .with_context(|| format!("it has more results than the {} links given", kept.links))??;
    let expected = shown(&row.url);
    ensure!(
        urls.iter().all(|url| *url == expected),
        "result {place} is of another link than row {place} of the input; give the list it was begun with"
    );
    kept.links = place;
    kept.bytes += bytes;
    Ok(())
}

/// The links of the next `count` whole lines and the bytes they take; `None` when fewer are left.
fn group(
    reader: &mut BufReader<&mut File>,
    count: usize,
    url: impl Fn(&str) -> Result<String>,
) -> Result<Option<(Vec<String>, u64)>> {
    let (mut urls, mut bytes) = (Vec::new(), 0);
    for _ in 0..count {
        let Some(line) = whole_line(reader)? else { return Ok(None) };
        bytes += line.len() as u64;
        urls.push(url(&line)?);
    }
    Ok(Some((urls, bytes)))
}

/// The next line that was written to its end.
fn whole_line(reader: &mut BufReader<&mut File>) -> Result<Option<String>> {
    let mut line = Vec::new();
    reader.take(RECORD_BYTES_MAX).read_until(b'\n', &mut line)?;
    if line.last() != Some(&b'\n') {
        return Ok(None);
    }
    Ok(Some(String::from_utf8(line).context("it is no output of this command")?))
}

fn json_url(line: &str) -> Result<String> {
    let named: Named = serde_json::from_str(line).context("it is no output of --json")?;
    Ok(named.url)
}

fn csv_url(line: &str, column: usize) -> Result<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line.as_bytes());
    let record = reader.records().next().transpose()?.unwrap_or_default();
    Ok(record.get(column).context("it has other columns than asked for now")?.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn json() -> Shape {
        Shape { format: Format::Json, header: String::new(), url_column: None, records_per_link: 1 }
    }

    fn csv() -> Shape {
        Shape {
            format: Format::Csv,
            header: "profile,url
"
            .to_owned(),
            url_column: Some(1),
            records_per_link: 2,
        }
    }

    fn input(urls: &[&str]) -> Input {
        Input::of_arguments(urls.iter().map(|url| (*url).to_owned()).collect())
    }

    /// Resumes an output of `text` over `urls`: links kept, the row that comes next, and the text left.
    fn resumed(text: &str, shape: &Shape, urls: &[&str]) -> Result<(usize, Option<String>, String)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        std::fs::write(&path, text).unwrap();
        let mut input = input(urls);
        let (mut file, kept) = go_on(&path, shape, &mut input)?;
        file.write_all(b"|").unwrap();
        let next = input.next().map(|row| row.unwrap().url);
        Ok((kept.links, next, std::fs::read_to_string(&path).unwrap()))
    }

    #[test]
    fn whole_lines_are_kept_and_a_torn_one_is_cut() {
        let text = "{\"url\":\"a\"}\n{\"url\":\"b\"}\n{\"url\":\"c";
        let (links, next, left) = resumed(text, &json(), &["a", "b", "c"]).unwrap();
        assert_eq!((links, next.as_deref()), (2, Some("c")));
        assert_eq!(left, "{\"url\":\"a\"}\n{\"url\":\"b\"}\n|");
        assert_eq!(resumed("", &json(), &["a"]).unwrap().0, 0);
    }

    #[test]
    fn a_csv_is_kept_by_whole_links() {
        let text = "profile,url\nd,a\nm,a\nd,'=b\n";
        let (links, next, left) = resumed(text, &csv(), &["a", "=b"]).unwrap();
        assert_eq!((links, next.as_deref(), left.as_str()), (1, Some("=b"), "profile,url\nd,a\nm,a\n|"));
        assert_eq!(resumed("profile,u", &csv(), &["a"]).unwrap().2, "|", "a torn header is written again");
        assert_eq!(resumed("profile,url\n", &csv(), &["a"]).unwrap().2, "profile,url\n|");
        let error = resumed("url\na\n", &csv(), &["a"]).unwrap_err();
        assert!(format!("{error:#}").contains("other columns than asked for now"), "{error:#}");
    }

    #[test]
    fn another_list_is_refused_and_nothing_is_cut() {
        let error = resumed("{\"url\":\"x\"}\n", &json(), &["a"]).unwrap_err();
        assert!(format!("{error:#}").contains("result 1 is of another link than row 1"), "{error:#}");
        let error = resumed("{\"url\":\"a\"}\n{\"url\":\"b\"}\n", &json(), &["a"]).unwrap_err();
        assert!(format!("{error:#}").contains("more results than the 1 links"), "{error:#}");
        assert!(resumed("no json\n", &json(), &["a"]).is_err());
    }
}
