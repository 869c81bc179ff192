//! The one place that writes to the terminal. Data goes to stdout, remarks to stderr; colours are left out by `anstream`
//! where nobody would see them (`NO_COLOR`, no terminal).

use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

/// Narrower than this is laid out as if it were this wide.
const COLUMNS_MIN: usize = 40;

/// A line of data for people: may be styled.
pub(crate) fn line(text: &str) -> io::Result<()> {
    writeln!(anstream::stdout().lock(), "{text}")
}

/// Bytes for programs, as they are.
pub(crate) fn bytes(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// One JSON document, pretty, for programs and people.
pub(crate) fn json(value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    bytes(&text)
}

/// A remark beside the data. Nobody listening is no error.
pub(crate) fn remark(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Columns of the terminal on stdout; `None` when it is none, so that nothing is cut there.
pub(crate) fn columns() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(width.0).max(COLUMNS_MIN))
}

/// Whether a person sees what is printed on stdout.
pub(crate) fn has_reader() -> bool {
    io::stdout().is_terminal()
}

/// Foreign text made harmless for a terminal: control characters and direction overrides become `�`.
pub(crate) fn harmless(text: &str) -> String {
    // Directions, and the line breaks that are no control characters.
    let is_override = |c: char| matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || is_override(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_of_others_do_nothing() {
        assert_eq!(harmless("a\u{1b}[2Jb\n\u{202e}c\u{2028}"), "a�[2Jb��c�");
    }
}
