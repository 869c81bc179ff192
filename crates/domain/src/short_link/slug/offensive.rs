//! Words that no slug says, however they are spelled: a list as data, compared after leetspeak is undone.
//!
//! Random slugs may not contain one anywhere; a chosen slug may not have one as a word, so that Scunthorpe stays possible.

use std::sync::LazyLock;

/// One word a line; `#` begins a comment, `~` a word that only random slugs may not contain.
const LIST: &str = include_str!("offensive.txt");

/// A letter and how often it stands in a row.
type Run = (char, usize);

struct Word {
    runs: Vec<Run>,
    refused: Refused,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    Always,
    InRandomSlugs,
}

static WORDS: LazyLock<Vec<Word>> = LazyLock::new(|| {
    let lines = LIST.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let word = |line: &str| match line.strip_prefix('~') {
        Some(word) => Word { runs: runs(word), refused: Refused::InRandomSlugs },
        None => Word { runs: runs(line), refused: Refused::Always },
    };
    lines.map(word).collect()
});

/// Whether a word of the list is anywhere in it.
pub(super) fn contains_a_word(text: &str) -> bool {
    let text = runs(text);
    WORDS.iter().any(|word| text.windows(word.runs.len()).any(|part| spells(part, &word.runs)))
}

/// Whether a word of the list is a word of it: between `-`, `_` and `/`, or a segment once these are taken out.
pub(super) fn names_a_word(text: &str) -> bool {
    let is_listed = |part: &str| {
        let part = runs(part);
        WORDS.iter().any(|word| word.refused == Refused::Always && spells(&part, &word.runs))
    };
    text.split('/').any(|segment| is_listed(segment) || segment.split(['-', '_']).any(is_listed))
}

/// Whether a text is a word with letters drawn out: `fuuuck` is, `as` for `ass` is not.
fn spells(text: &[Run], word: &[Run]) -> bool {
    let drawn_out = |(text, word): (&Run, &Run)| text.0 == word.0 && text.1 >= word.1;
    text.len() == word.len() && text.iter().zip(word).all(drawn_out)
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::with_capacity(text.len());
    for letter in text.chars().filter_map(letter) {
        match runs.last_mut() {
            Some((last, times)) if *last == letter => *times += 1,
            _ => runs.push((letter, 1)),
        }
    }
    runs
}

/// Lower case, digits as the letters they stand for, and letters that look alike as one; nothing for the rest.
fn letter(character: char) -> Option<char> {
    match character.to_ascii_lowercase() {
        '0' => Some('o'),
        '1' | 'l' => Some('i'),
        '2' => Some('z'),
        '3' => Some('e'),
        '4' => Some('a'),
        '5' => Some('s'),
        '6' | '9' => Some('g'),
        '7' => Some('t'),
        '8' => Some('b'),
        'v' => Some('u'),
        letter @ 'a'..='z' => Some(letter),
        _ => None,
    }
}
