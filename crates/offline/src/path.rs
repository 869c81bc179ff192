//! Path patterns: what the path of a link must look like and which part of it is the value.
//!
//! `*` part of a segment, `**` anything, `/**/` any number of segments, `#` digits, `{…}` what is taken.

use regex::Regex;

/// A path pattern, matched against a whole path.
#[derive(Debug)]
pub(crate) struct PathPattern {
    regex: Regex,
}

impl PathPattern {
    /// Reads a pattern; the error says what is wrong with it.
    pub(crate) fn parse(pattern: &str) -> Result<Self, String> {
        if !pattern.starts_with('/') {
            return Err(format!("path pattern {pattern:?} does not begin with `/`"));
        }
        let source = format!("^{}$", translate(pattern)?);
        let regex = Regex::new(&source).map_err(|_| format!("path pattern {pattern:?} is too large"))?;
        Ok(Self { regex })
    }

    /// Whether the pattern takes something.
    pub(crate) fn takes(&self) -> bool {
        self.regex.captures_len() > 1
    }

    pub(crate) fn matches(&self, path: &str) -> bool {
        self.regex.is_match(path)
    }

    /// Where the part that is taken begins.
    pub(crate) fn start(&self, path: &str) -> Option<usize> {
        Some(self.regex.captures(path)?.get(1)?.start())
    }

    /// What stands in the braces, put together; None where the path does not match.
    pub(crate) fn take(&self, path: &str) -> Option<String> {
        let captures = self.regex.captures(path)?;
        Some(captures.iter().skip(1).flatten().map(|group| group.as_str()).collect())
    }
}

fn translate(pattern: &str) -> Result<String, String> {
    let mut source = String::new();
    let mut open = false;
    let mut rest = pattern;
    while let Some(next) = rest.chars().next() {
        let (piece, length) = match next {
            '{' if !open => ("(", 1),
            '}' if open => (")", 1),
            '{' | '}' => return Err(format!("path pattern {pattern:?} has braces that do not pair")),
            '/' if rest == "/**" => ("(?:/.*)?", 3),
            '/' if rest.starts_with("/**/") => ("/(?:.*?/)?", 4),
            '*' if rest.starts_with("**") => (".*", 2),
            '*' => ("[^/?#]*", 1),
            '#' => ("[0-9]+", 1),
            _ => ("", next.len_utf8()),
        };
        match piece {
            "" => source.push_str(&regex::escape(&rest[..length])),
            "(" | ")" => {
                open = !open;
                source.push_str(piece);
            }
            _ => source.push_str(piece),
        }
        rest = &rest[length..];
    }
    if open { Err(format!("path pattern {pattern:?} has braces that do not pair")) } else { Ok(source) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(pattern: &str, path: &str) -> Option<String> {
        PathPattern::parse(pattern).unwrap().take(path)
    }

    #[test]
    fn takes_segments_rests_and_several_parts() {
        for (pattern, path, expected) in [
            ("/L0/{*}/**", "/L0/https:%2F%2Fa.com%2Fb/1/0100", Some("https:%2F%2Fa.com%2Fb")),
            ("/L0/{*}/**", "/L0/https:%2F%2Fa.com%2Fb", Some("https:%2F%2Fa.com%2Fb")),
            ("/L0/{*}/**", "/L1/x", None),
            ("/c/s/{**}", "/c/s/a.com/b/c", Some("a.com/b/c")),
            ("/**/RU={*}/**", "/_ylt=A;_ylu=B/RV=2/RU=https%3a/RK=2/RS=x", Some("https%3a")),
            ("/**/RU={*}/**", "/RU=x", Some("x")),
            ("/x/c/**/{http*:/**}", "/x/c/a/b/https://a.com/http:/x", Some("https://a.com/http:/x")),
            ("/{*}/s{/**}", "/a.com/s/b/c", Some("a.com/b/c")),
            ("/c/#/#/#", "/c/1/22/x", None),
            ("/c/#/#/#", "/c/1/22/333", Some("")),
            ("/a.b/{*}", "/axb/c", None),
        ] {
            assert_eq!(take(pattern, path).as_deref(), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn refuses_bad_patterns() {
        for pattern in ["x", "", "/{", "/}", "/{{*}}", "/{*}/{"] {
            assert!(PathPattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
