//! Reads selector text. What is not understood is refused whole, as browsers refuse it.

use super::selector::{AttributeTest, Combinator, Complex, End, Selector, Siblings, Simple};

/// Levels of `:not(:is(…))` that are read.
const NESTING_MAX: usize = 16;

impl Selector {
    /// `None` for what a browser answers with a `SyntaxError`, and for the few selectors this reader lacks.
    pub(in crate::page) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text, nesting: 0 };
        let selector = reader.list()?;
        reader.rest.is_empty().then_some(selector)
    }
}

struct Reader<'a> {
    rest: &'a str,
    nesting: usize,
}

impl Reader<'_> {
    fn list(&mut self) -> Option<Selector> {
        let mut alternatives = vec![self.complex()?];
        while self.take(",") {
            alternatives.push(self.complex()?);
        }
        Some(Selector(alternatives))
    }

    fn complex(&mut self) -> Option<Complex> {
        self.skip_space();
        let mut subject = self.compound()?;
        let mut context = Vec::new();
        loop {
            let spaced = self.skip_space();
            let combinator = match self.peek() {
                Some('>') => Combinator::Child,
                Some('+') => Combinator::NextSibling,
                Some('~') => Combinator::LaterSibling,
                None | Some(',' | ')') => break,
                Some(_) if spaced => Combinator::Descendant,
                Some(_) => return None,
            };
            if combinator != Combinator::Descendant {
                self.bump();
                self.skip_space();
            }
            let next = self.compound()?;
            context.insert(0, (combinator, std::mem::replace(&mut subject, next)));
        }
        Some(Complex { subject, context })
    }

    fn compound(&mut self) -> Option<Vec<Simple>> {
        let mut parts = Vec::new();
        loop {
            let part = match self.peek() {
                Some('*') => {
                    self.bump();
                    Simple::Universal
                }
                Some('#') => {
                    self.bump();
                    Simple::Id(self.name()?)
                }
                Some('.') => {
                    self.bump();
                    Simple::Class(self.name()?)
                }
                Some('[') => self.attribute()?,
                Some(':') => self.pseudo()?,
                Some(letter) if parts.is_empty() && is_name_char(letter) => Simple::Type(self.name()?),
                _ => break,
            };
            parts.push(part);
        }
        (!parts.is_empty()).then_some(parts)
    }

    fn attribute(&mut self) -> Option<Simple> {
        self.bump();
        self.skip_space();
        let name = self.name()?.to_ascii_lowercase();
        self.skip_space();
        let operator = ["=", "~=", "|=", "^=", "$=", "*="].into_iter().find(|operator| self.take(operator));
        let Some(operator) = operator else {
            return self.take("]").then_some(Simple::Attribute {
                name,
                test: AttributeTest::Present,
                ignore_case: false,
            });
        };
        self.skip_space();
        let value = self.value()?;
        self.skip_space();
        let ignore_case = self.take("i") || self.take("I") || (name == "type" && !self.take("s"));
        self.skip_space();
        let test = match operator {
            "=" => AttributeTest::Equals(value),
            "~=" => AttributeTest::Word(value),
            "|=" => AttributeTest::Dash(value),
            "^=" => AttributeTest::Prefix(value),
            "$=" => AttributeTest::Suffix(value),
            _ => AttributeTest::Contains(value),
        };
        self.take("]").then_some(Simple::Attribute { name, test, ignore_case })
    }

    fn pseudo(&mut self) -> Option<Simple> {
        self.bump();
        let name = self.name()?.to_ascii_lowercase();
        if self.take("(") {
            let simple = self.function(&name)?;
            self.skip_space();
            return self.take(")").then_some(simple);
        }
        let place = |among, from| Simple::Position { step: 0, offset: 1, among, from };
        Some(match name.as_str() {
            "first-child" => place(Siblings::All, End::First),
            "last-child" => place(Siblings::All, End::Last),
            "first-of-type" => place(Siblings::SameType, End::First),
            "last-of-type" => place(Siblings::SameType, End::Last),
            "empty" => Simple::Empty,
            "root" => Simple::Root,
            "scope" => Simple::Scope,
            "checked" => Simple::Checked,
            "disabled" => Simple::Disabled,
            "enabled" => Simple::Enabled,
            "link" | "any-link" => Simple::Link,
            "hover" | "focus" | "active" | "visited" | "target" | "focus-within" | "focus-visible" => {
                Simple::Never
            }
            _ => return None,
        })
    }

    fn function(&mut self, name: &str) -> Option<Simple> {
        let position = |(step, offset), among, from| Simple::Position { step, offset, among, from };
        match name {
            "nth-child" => Some(position(self.formula()?, Siblings::All, End::First)),
            "nth-last-child" => Some(position(self.formula()?, Siblings::All, End::Last)),
            "nth-of-type" => Some(position(self.formula()?, Siblings::SameType, End::First)),
            "nth-last-of-type" => Some(position(self.formula()?, Siblings::SameType, End::Last)),
            "not" => self.nested().map(Simple::Not),
            "is" | "where" | "matches" | "-webkit-any" => self.nested().map(Simple::Is),
            "has" => self.nested().map(Simple::Has),
            _ => None,
        }
    }

    fn nested(&mut self) -> Option<Selector> {
        self.nesting += 1;
        let selector = if self.nesting > NESTING_MAX { None } else { self.list() };
        self.nesting -= 1;
        selector
    }

    /// `odd`, `even`, `3`, `2n`, `-n+3`.
    fn formula(&mut self) -> Option<(i32, i32)> {
        let end = self.rest.find(')')?;
        let text: String = self.rest[..end].chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
        self.rest = &self.rest[end..];
        match text.to_ascii_lowercase().as_str() {
            "odd" => Some((2, 1)),
            "even" => Some((2, 0)),
            text => match text.split_once('n') {
                None => Some((0, text.parse().ok()?)),
                Some((step, offset)) => {
                    let step = match step {
                        "" | "+" => 1,
                        "-" => -1,
                        step => step.parse().ok()?,
                    };
                    Some((step, if offset.is_empty() { 0 } else { offset.parse().ok()? }))
                }
            },
        }
    }

    fn value(&mut self) -> Option<String> {
        let Some(quote @ ('"' | '\'')) = self.peek() else { return self.name() };
        self.bump();
        let mut value = String::new();
        loop {
            match self.bump()? {
                letter if letter == quote => return Some(value),
                '\\' => value.push(self.escaped()?),
                letter => value.push(letter),
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        while let Some(letter) = self.peek() {
            if letter == '\\' {
                self.bump();
                name.push(self.escaped()?);
            } else if is_name_char(letter) {
                name.push(letter);
                self.bump();
            } else {
                break;
            }
        }
        (!name.is_empty()).then_some(name)
    }

    /// After a backslash: up to six hex digits and one space, or any character as it is.
    fn escaped(&mut self) -> Option<char> {
        let digits = self.rest.chars().take(6).take_while(char::is_ascii_hexdigit).count();
        if digits == 0 {
            return self.bump();
        }
        let code = u32::from_str_radix(&self.rest[..digits], 16).ok()?;
        self.rest = &self.rest[digits..];
        self.take(" ");
        char::from_u32(code)
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.rest = &self.rest[letter.len_utf8()..];
        Some(letter)
    }

    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip_space(&mut self) -> bool {
        let trimmed = self.rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
        let skipped = trimmed.len() != self.rest.len();
        self.rest = trimmed;
        skipped
    }
}

fn is_name_char(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_') || !letter.is_ascii()
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::{Document, NodeId, Selector};
    use crate::page::parser::parse_detached;

    const PAGE: &str = "<div id=a class='x y'><p>1</p><p class=go data-u='/f'>2</p><input type=CHECKBOX checked name=n></div>\
        <ul><li>1<li>2<li>3<li>4</ul><form><button disabled>b</button><a href=/x>l</a></form>";

    /// Local names and texts of what a selector finds.
    fn found(selector: &str) -> Option<Vec<String>> {
        let document = Rc::new(Document::new());
        let root = parse_detached(&document, PAGE).unwrap();
        let selector = Selector::parse(selector)?;
        let tree = document.tree.borrow();
        let words = |id: NodeId| format!("{}{}", tree.element(id).unwrap().local_name(), tree.text(id));
        Some(selector.select(&tree, root, usize::MAX).into_iter().map(words).collect())
    }

    #[test]
    fn selectors_find_what_browsers_find() {
        for (selector, expected) in [
            ("#a > p.go", vec!["p2"]),
            ("div p", vec!["p1", "p2"]),
            ("p + p", vec!["p2"]),
            ("p ~ input", vec!["input"]),
            (".x.y p:first-child", vec!["p1"]),
            ("[data-u='/f']", vec!["p2"]),
            ("[data-u^='/'], a[href$=x]", vec!["p2", "al"]),
            ("[class~=y] > input[type=checkbox]:checked", vec!["input"]),
            ("li:nth-child(odd)", vec!["li1", "li3"]),
            ("li:nth-child(-n+2)", vec!["li1", "li2"]),
            ("li:nth-last-child(1)", vec!["li4"]),
            ("li:not(:first-child):not(:last-child)", vec!["li2", "li3"]),
            (":is(button, a)", vec!["buttonb", "al"]),
            ("button:disabled", vec!["buttonb"]),
            ("form:has(a)", vec!["formbl"]),
            ("UL LI:last-of-type", vec!["li4"]),
            ("p:empty", vec![]),
        ] {
            assert_eq!(found(selector).unwrap_or_default(), expected, "{selector}");
        }
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for selector in
            ["", ">", "p >", "p,,a", "[x", "p:unknown", ":not(", "p!", "..a", "#", "a:nth-child(x)"]
        {
            assert_eq!(found(selector), None, "{selector}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z#.>+~:()\\[\\]='\" ,*0-9n-]{0,40}") {
            let _ = found(&text);
        }
    }
}
