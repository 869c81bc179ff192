//! `hopline links import`: a file of any length, in pieces that one bulk call takes.
//!
//! Each piece has an idempotency key made of its bytes, so that running the command again makes no link twice.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use csv::{ByteRecord, ReaderBuilder, WriterBuilder};
use hopline_client::{BulkError, BulkFormat, BulkResult, Client};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::output::{self, harmless};

/// What one call takes.
const PIECE_ROWS_MAX: usize = 10_000;
/// Under the server's 16 MiB.
const PIECE_BYTES_MAX: usize = 15 * 1024 * 1024;
/// Faults told on a terminal; --json tells all.
const FAULTS_TOLD_MAX: usize = 20;

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// CSV (the first line names the columns), NDJSON, or a JSON array
    file: PathBuf,
    /// How the file is written [default: by its name's end]
    #[arg(long, value_parser = ["csv", "ndjson", "json"])]
    format: Option<String>,
}

/// Rows of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    rows: u32,
    bytes: Vec<u8>,
}

pub(super) async fn run(args: &ImportArgs, client: &Client, json: bool) -> Result<()> {
    let bytes = std::fs::read(&args.file).with_context(|| format!("read {}", args.file.display()))?;
    let ending = args.file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let (format, pieces) = match args.format.as_deref().unwrap_or(ending) {
        "csv" => (BulkFormat::Csv, table_pieces(&bytes)?),
        "json" => (BulkFormat::Ndjson, line_pieces(&array_lines(&bytes)?)),
        _ => (BulkFormat::Ndjson, line_pieces(&bytes)),
    };
    let mut total = BulkResult::default();
    for piece in pieces {
        let key = key_of(&piece.bytes);
        let made = client.create_links(format, piece.bytes, Some(&key)).await?;
        add(&mut total, made);
        output::remark(&format!(
            "rows: {} read, {} made a link, {} failed",
            total.rows_total, total.created, total.failed
        ));
    }
    if json { Ok(output::json(&total)?) } else { tell(&total.errors) }
}

/// Half a digest tells pieces apart.
fn key_of(bytes: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    format!("import-{:032x}", u128::from_be_bytes(half))
}

fn tell(errors: &[BulkError]) -> Result<()> {
    for error in errors.iter().take(FAULTS_TOLD_MAX) {
        let BulkError { row, pointer, code, detail } = error;
        output::line(&format!("row {row}: {} {code}: {}", harmless(pointer), harmless(detail)))?;
    }
    if errors.len() > FAULTS_TOLD_MAX {
        output::remark(&format!(
            "and {} more faults; see them all with --json",
            errors.len() - FAULTS_TOLD_MAX
        ));
    }
    Ok(())
}

/// Rows are counted through the whole file.
fn add(total: &mut BulkResult, mut made: BulkResult) {
    made.errors.iter_mut().for_each(|error| error.row += total.rows_total);
    made.links.iter_mut().for_each(|link| link.row += total.rows_total);
    total.rows_total += made.rows_total;
    total.created += made.created;
    total.failed += made.failed;
    total.errors.append(&mut made.errors);
    total.links.append(&mut made.links);
}

/// The items of an array, one a line.
fn array_lines(bytes: &[u8]) -> Result<Vec<u8>> {
    let items: Vec<Value> = serde_json::from_slice(bytes).context("read the JSON array")?;
    let mut lines = Vec::with_capacity(bytes.len());
    for item in items {
        serde_json::to_writer(&mut lines, &item)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn line_pieces(bytes: &[u8]) -> Vec<Piece> {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    pieces(&[], lines.map(|line| [line, b"\n"].concat()))
}

/// Every piece begins with the header.
fn table_pieces(bytes: &[u8]) -> Result<Vec<Piece>> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = written(&reader.byte_headers().context("read the first line of the CSV")?.clone())?;
    let rows: Result<Vec<Vec<u8>>> =
        reader.into_byte_records().map(|record| written(&record.context("read the CSV")?)).collect();
    Ok(pieces(&header, rows?.into_iter()))
}

fn written(record: &ByteRecord) -> Result<Vec<u8>> {
    let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_byte_record(record)?;
    writer.into_inner().context("write a row of CSV")
}

fn pieces(header: &[u8], rows: impl Iterator<Item = Vec<u8>>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for row in rows {
        let room = pieces.last_mut().filter(|piece| {
            let fits = piece.bytes.len() + row.len() <= PIECE_BYTES_MAX;
            fits && usize::try_from(piece.rows).is_ok_and(|rows| rows < PIECE_ROWS_MAX)
        });
        match room {
            Some(piece) => {
                piece.bytes.extend(row);
                piece.rows += 1;
            }
            None => pieces.push(Piece { rows: 1, bytes: [header, &row].concat() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_table_is_cut_and_each_piece_has_the_header() {
        let table = format!("url,note\n{}", "https://a.example,\"two\nlines\"\n".repeat(PIECE_ROWS_MAX + 1));
        let pieces = table_pieces(table.as_bytes()).unwrap();
        assert_eq!(pieces.iter().map(|piece| piece.rows).collect::<Vec<_>>(), [10_000, 1]);
        assert_eq!(pieces[1].bytes, b"url,note\nhttps://a.example,\"two\nlines\"\n");
    }

    #[test]
    fn pieces_stay_under_the_bound_of_a_call() {
        let line = format!("{{\"note\":\"{}\"}}\n", "x".repeat(1_000_000));
        let pieces = line_pieces(line.repeat(20).as_bytes());
        assert_eq!(pieces.iter().map(|piece| piece.rows).sum::<u32>(), 20);
        assert!(pieces.len() == 2 && pieces.iter().all(|piece| piece.bytes.len() <= PIECE_BYTES_MAX));
    }

    #[test]
    fn arrays_become_lines_and_empty_lines_are_no_rows() {
        let lines = array_lines(b" [ {\"url\": \"a\"},\n {\"url\":\"b\"} ] ").unwrap();
        assert_eq!(lines, b"{\"url\":\"a\"}\n{\"url\":\"b\"}\n");
        assert_eq!(line_pieces(b"\r\n\n{}\r\n")[0], Piece { rows: 1, bytes: b"{}\n".to_vec() });
        assert!(array_lines(b"{}").is_err());
    }

    #[test]
    fn rows_are_counted_through_the_whole_file() {
        let error =
            |row| BulkError { row, pointer: String::new(), code: "json".to_owned(), detail: String::new() };
        let mut total = BulkResult { rows_total: 10_000, created: 10_000, ..BulkResult::default() };
        add(
            &mut total,
            BulkResult {
                rows_total: 2,
                failed: 1,
                created: 1,
                errors: vec![error(2)],
                ..BulkResult::default()
            },
        );
        assert_eq!((total.rows_total, total.created, total.failed), (10_002, 10_001, 1));
        assert_eq!(total.errors, [error(10_002)]);
    }
}
