//! Finds the elements a recipe names in a page. What stands in comments, templates, scripts or raw text is none.

use html5gum::{State, Tokenizer};

use super::recipe::Recipe;
use crate::html::{StartTag, TagEmitter, TagSink, content_state};

/// Links looked at in one page; a page with more has no one link.
const LINKS_MAX: usize = 256;

/// What the elements hold, in document order, and the `href` of the page's base.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub(super) texts: Vec<String>,
    pub(super) base: Option<String>,
}

pub(super) fn links_of(html: &str, recipe: &Recipe) -> Links {
    let mut reader = LinkReader { recipe, links: Links::default(), template_depth: 0 };
    let Ok(()) = Tokenizer::new_with_emitter(html, TagEmitter::new(&mut reader)).finish();
    reader.links
}

struct LinkReader<'a> {
    recipe: &'a Recipe,
    links: Links,
    template_depth: usize,
}

impl TagSink for LinkReader<'_> {
    fn start_tag(&mut self, tag: &StartTag) -> Option<State> {
        match tag.name() {
            b"template" => self.template_depth += 1,
            _ if self.template_depth > 0 => {}
            b"base" if self.links.base.is_none() => self.links.base = tag.attribute(b"href").map(text),
            _ if self.is_wanted(tag) => self.take(tag),
            _ => {}
        }
        content_state(tag.name())
    }

    fn end_tag(&mut self, name: &[u8]) {
        if name == b"template" {
            self.template_depth = self.template_depth.saturating_sub(1);
        }
    }

    fn text(&mut self, _text: &[u8]) {}

    fn allows_cdata(&self) -> bool {
        false
    }
}

impl LinkReader<'_> {
    fn is_wanted(&self, tag: &StartTag) -> bool {
        let has = |(name, wanted): (&String, &String)| {
            tag.attribute(name.as_bytes()).is_some_and(|value| match name.as_str() {
                "class" => value.split(u8::is_ascii_whitespace).any(|word| word == wanted.as_bytes()),
                _ => value == wanted.as_bytes(),
            })
        };
        tag.name() == self.recipe.element.as_bytes() && self.recipe.attributes.iter().all(has)
    }

    fn take(&mut self, tag: &StartTag) {
        let held = tag.attribute(self.recipe.holds.as_bytes()).map(text);
        if self.links.texts.len() < LINKS_MAX {
            self.links.texts.extend(held);
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
