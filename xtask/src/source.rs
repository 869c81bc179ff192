//! Splits Rust source into code, comments and literals, so that a rule looks only at the part it is about.
//!
//! A lexer of the few tokens that matter, not a parser: it must never be needed to understand types or macros.

use std::ops::Range;

/// What a character of a Rust file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Code,
    Comment,
    Literal,
}

/// A Rust file, every character labelled with its [`Part`].
#[derive(Debug)]
pub(crate) struct Source {
    characters: Vec<(char, Part)>,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Line of the `fn` keyword, from 1.
    pub(crate) line: usize,
    /// Lines of the body that hold code, counted as `clippy::too_many_lines` does.
    pub(crate) code_lines: usize,
}

impl Source {
    pub(crate) fn parse(text: &str) -> Self {
        let plain: Vec<char> = text.chars().collect();
        let mut characters = Vec::with_capacity(plain.len());
        let mut at = 0;
        while at < plain.len() {
            let (part, end) = token(&plain, at);
            characters.extend(plain[at..end].iter().map(|&character| (character, part)));
            at = end;
        }
        Self { characters }
    }

    /// The file with everything but `part` blanked; lines and columns stay where they were.
    pub(crate) fn only(&self, part: Part) -> String {
        self.keep(|found| found == part)
    }

    fn keep(&self, wanted: impl Fn(Part) -> bool) -> String {
        let blanked = self.characters.iter().map(|&(character, part)| match character {
            '\n' => '\n',
            _ if wanted(part) => character,
            _ => ' ',
        });
        blanked.collect()
    }

    /// Line ranges (from 1) of modules that are compiled for tests only.
    pub(crate) fn test_modules(&self) -> Vec<Range<usize>> {
        let code: Vec<char> = self.only(Part::Code).chars().collect();
        let mut modules = Vec::new();
        let mut at = 0;
        while let Some(start) = find(&code, at, "#[cfg(test)]").or_else(|| find(&code, at, "#[cfg(all(test"))
        {
            at = start + 1;
            if let Some(body) = module_body(&code, start) {
                let end = matching_brace(&code, body);
                modules.push(line_of(&code, start)..line_of(&code, end) + 1);
                at = end;
            }
        }
        modules
    }

    /// Every function with a body, nested ones included.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let code: Vec<char> = self.only(Part::Code).chars().collect();
        let written: Vec<char> = self.keep(|part| part != Part::Comment).chars().collect();
        let mut functions = Vec::new();
        let mut at = 0;
        while let Some(start) = find(&code, at, "fn ") {
            at = start + 1;
            if start > 0 && is_word(code[start - 1]) {
                continue;
            }
            let name: String =
                code[start + 3..].iter().copied().take_while(|&letter| is_word(letter)).collect();
            if name.is_empty() {
                continue;
            }
            if let Some(open) = body_start(&code, start) {
                let close = matching_brace(&code, open);
                let body: String = written[open + 1..close].iter().collect();
                functions.push(Function {
                    name,
                    line: line_of(&code, start),
                    code_lines: body.lines().filter(|line| !line.trim().is_empty()).count(),
                });
            }
        }
        functions
    }
}

fn token(text: &[char], at: usize) -> (Part, usize) {
    if starts_with(text, at, "//") {
        return (Part::Comment, find(text, at, "\n").unwrap_or(text.len()));
    }
    if starts_with(text, at, "/*") {
        return (Part::Comment, block_comment_end(text, at));
    }
    if let Some(end) = string_end(text, at).or_else(|| character_end(text, at)) {
        return (Part::Literal, end);
    }
    (Part::Code, at + 1)
}

fn block_comment_end(text: &[char], at: usize) -> usize {
    let (mut depth, mut end) = (1, at + 2);
    while end < text.len() && depth > 0 {
        if starts_with(text, end, "/*") {
            depth += 1;
            end += 2;
        } else if starts_with(text, end, "*/") {
            depth -= 1;
            end += 2;
        } else {
            end += 1;
        }
    }
    end.min(text.len())
}

/// The end of a string literal of any kind (plain, byte, C, raw) that begins at `at`.
fn string_end(text: &[char], at: usize) -> Option<usize> {
    if at > 0 && is_word(text[at - 1]) {
        return None;
    }
    let prefix = text[at..].iter().take(2).take_while(|letter| matches!(letter, 'b' | 'c' | 'r')).count();
    let raw = text[at..at + prefix].contains(&'r');
    let hashes = text[at + prefix..].iter().take_while(|&&letter| letter == '#').count();
    let open = at + prefix + hashes;
    if text.get(open) != Some(&'"') || (hashes > 0 && !raw) {
        return None;
    }
    if raw {
        let close = format!("\"{}", "#".repeat(hashes));
        return Some(find(text, open + 1, &close).map_or(text.len(), |end| end + close.len()));
    }
    let mut end = open + 1;
    while end < text.len() && text[end] != '"' {
        end += if text[end] == '\\' { 2 } else { 1 };
    }
    Some((end + 1).min(text.len()))
}

/// The end of a character literal; a lifetime is none.
fn character_end(text: &[char], at: usize) -> Option<usize> {
    if text[at] != '\'' {
        return None;
    }
    if text.get(at + 1) == Some(&'\\') {
        return find(text, at + 3, "'").map(|end| end + 1);
    }
    (text.get(at + 2) == Some(&'\'')).then_some(at + 3)
}

/// The `{` of the module the attribute at `start` stands on, if it stands on one.
fn module_body(code: &[char], start: usize) -> Option<usize> {
    let open = find(code, start, "{")?;
    let head: String = code[start..open].iter().collect();
    (head.contains("mod ") && !head.contains(';') && !head.contains("fn ")).then_some(open)
}

/// The `{` of a function's body; `None` for a declaration that ends in `;`.
fn body_start(code: &[char], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (offset, character) in code[start..].iter().enumerate() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '{' if depth == 0 => return Some(start + offset),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn matching_brace(code: &[char], open: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, character) in code[open..].iter().enumerate() {
        match character {
            '{' => depth += 1,
            '}' if depth == 1 => return open + offset,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len() - 1
}

fn line_of(text: &[char], at: usize) -> usize {
    text[..at].iter().filter(|&&character| character == '\n').count() + 1
}

fn starts_with(text: &[char], at: usize, needle: &str) -> bool {
    needle.chars().enumerate().all(|(offset, wanted)| text.get(at + offset) == Some(&wanted))
}

fn find(text: &[char], from: usize, needle: &str) -> Option<usize> {
    (from..text.len()).find(|&at| starts_with(text, at, needle))
}

/// Whether `character` can be part of an identifier.
pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let source = Source::parse(
            "let a = \"// no\"; // yes \"quote\"\nlet b = 'x'; /* c /* d */ e */ f::<'a>(r#\"g\"h\"#)",
        );
        assert_eq!(source.only(Part::Code).split_whitespace().collect::<String>(), "leta=;letb=;f::<'a>()");
        assert_eq!(source.only(Part::Comment).trim(), "// yes \"quote\"\n             /* c /* d */ e */");
        assert!(source.only(Part::Literal).contains("\"// no\""));
        assert!(source.only(Part::Literal).contains("r#\"g\"h\"#"));
    }

    #[test]
    fn escaped_quotes_do_not_end_a_literal() {
        let source = Source::parse(r#"a("\"b\\", '\'', b'"', '\u{1F}') + c"#);
        assert_eq!(source.only(Part::Code).split_whitespace().collect::<String>(), "a(,,b,)+c");
    }

    #[test]
    fn functions_are_measured_without_comments_and_blank_lines() {
        let text = "fn one(a: [u8; 2]) -> u8 {\n    // why\n\n    \"b\";\n    a[0]\n}\ntrait T {\n    fn none(&self);\n}\n";
        let functions = Source::parse(text).functions();
        assert_eq!(functions, [Function { name: "one".into(), line: 1, code_lines: 2 }]);
    }

    #[test]
    fn test_modules_are_found_and_test_functions_are_not() {
        let source =
            Source::parse("#[cfg(test)]\nfn helper() {\n}\n#[cfg(test)]\nmod tests {\n    fn a() {}\n}\n");
        assert_eq!(source.test_modules().first(), Some(&(4..8)));
        assert_eq!(source.test_modules().len(), 1);
    }
}
