//! Text into HTML: escaping, and the little markdown that descriptions use.

/// Escapes text for content and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// One line: `code` between backticks, the rest as it is.
pub(super) fn line(text: &str) -> String {
    let parts: Vec<String> = text.split('`').map(escape).collect();
    let is_balanced = parts.len() % 2 == 1;
    let mark = |(index, part): (usize, &String)| match (index % 2 == 1, is_balanced) {
        (true, true) => format!("<code>{part}</code>"),
        (true, false) => format!("`{part}"),
        (false, _) => part.clone(),
    };
    parts.iter().enumerate().map(mark).collect()
}

/// Paragraphs divided by empty lines.
pub(super) fn paragraphs(text: &str) -> String {
    let all = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    all.fold(String::new(), |html, paragraph| html + "<p>" + &line(paragraph) + "</p>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(line("a < b, `x&y` and 'c'"), "a &lt; b, <code>x&amp;y</code> and &#39;c&#39;");
        assert_eq!(line("a ` b"), "a ` b");
        assert_eq!(paragraphs("a\n\nb\n"), "<p>a</p>\n<p>b</p>\n");
    }
}
