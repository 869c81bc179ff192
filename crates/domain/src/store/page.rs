//! Pages of lists: newest first, by an opaque cursor that stays right under inserts.

use std::fmt;

/// Where the next page begins: below this row, in the list's own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub i64);

impl Cursor {
    /// Reads a cursor that an earlier page gave.
    pub fn parse(text: &str) -> Option<Self> {
        i64::from_str_radix(text.strip_prefix('c')?, 36).ok().filter(|row| *row >= 0).map(Self)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut row, mut digits) = (self.0.max(0), Vec::new());
        while row > 0 || digits.is_empty() {
            let digit = u32::try_from(row % 36).unwrap_or(0);
            digits.push(char::from_digit(digit, 36).unwrap_or('0'));
            row /= 36;
        }
        write!(f, "c{}", digits.into_iter().rev().collect::<String>())
    }
}

/// Which page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// 1–100.
    pub limit: u32,
    pub cursor: Option<Cursor>,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    pub items: Vec<T>,
    pub next: Option<Cursor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip() {
        for row in [0, 1, 35, 36, 123_456_789, i64::MAX] {
            assert_eq!(Cursor::parse(&Cursor(row).to_string()), Some(Cursor(row)));
        }
        for bad in ["", "c", "x1", "c-1", "c!"] {
            assert_eq!(Cursor::parse(bad), None, "{bad}");
        }
    }
}
