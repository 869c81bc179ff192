//! Plain tables: a header, aligned columns, no lines.

use super::style::{STRONG, paint};
use crate::output::harmless;

const GAP: &str = "  ";

/// Lays out rows under a header. Cells are made harmless; the last column is never padded.
pub(crate) fn render<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> =
        rows.iter().map(|row| std::array::from_fn(|column| harmless(&row[column]))).collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0)
    });
    let header = line(&header.map(str::to_owned), widths);
    let lines = rows.iter().map(|row| line(row, widths));
    std::iter::once(paint(STRONG, header)).chain(lines).collect::<Vec<_>>().join("\n")
}

fn line<const N: usize>(cells: &[String; N], widths: [usize; N]) -> String {
    let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
    padded.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
}

/// Lays out `name  value` lines, leaving out what has no value.
pub(crate) fn fields(fields: &[(&str, Option<String>)]) -> String {
    let shown: Vec<(&str, String)> = fields
        .iter()
        .filter_map(|(name, value)| value.as_deref().map(|value| (*name, harmless(value))))
        .collect();
    let width = shown.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines = shown
        .iter()
        .map(|(name, value)| format!("{}{GAP}{value}", paint(STRONG, format_args!("{name:<width$}"))));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["a".to_owned(), "long\u{7}er".to_owned()], ["bcd".to_owned(), String::new()]];
        let table = render(["ID", "NAME"], &rows);
        assert_eq!(strip_str(&table).to_string(), "ID   NAME\na    long�er\nbcd");
        let list =
            fields(&[("name", Some("x".to_owned())), ("status code", Some("1".to_owned())), ("none", None)]);
        assert_eq!(strip_str(&list).to_string(), "name         x\nstatus code  1");
    }
}
