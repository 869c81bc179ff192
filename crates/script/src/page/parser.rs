//! Parses a document with pauses for its scripts, and takes what `document.write` puts at the insertion point.
//!
//! It decides when a script's turn is, not what running it means: that is `ScriptTurn`'s.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use html5ever::{
    LocalName, QualName, TokenizerResult,
    buffer_queue::BufferQueue,
    interface::create_element,
    ns,
    tendril::StrTendril,
    tokenizer::{Tokenizer, TokenizerOpts},
    tree_builder::{TreeBuilder, TreeBuilderOpts},
};

use super::{
    dom::{Document, DocumentSink, NodeId, TextSource, TooManyNodes},
    limits::{MARKUP_BYTES_MAX, WRITE_DEPTH_MAX},
};

type Machine = Tokenizer<TreeBuilder<NodeId, DocumentSink>>;

/// Text is fed in pieces of this size, so that a stopped page parses little in vain.
const PIECE_BYTES: usize = 16 << 10;

/// Runs the script the parser stopped at.
pub(super) trait ScriptTurn {
    fn script(&mut self, script: NodeId, stop: ScriptStop) -> ScriptOutcome;
    /// Whether the page is being left, and nothing more of it is parsed.
    fn is_leaving(&self) -> bool;
}

/// Whether the parser can wait here for an external script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScriptStop {
    Parser,
    /// Inside `document.write`: whoever wrote comes to an end first.
    Write,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScriptOutcome {
    Continue,
    /// An external script has to be fetched; its turn is when the writer is done.
    Later,
}

/// A parser of one document. Scripts re-enter it through `write`.
pub(super) struct DocumentParser {
    machine: Machine,
    document: Rc<Document>,
    response: BufferQueue,
    /// Written text that stands behind the script waited for.
    held_back: BufferQueue,
    waited_for: Cell<Option<NodeId>>,
    depth: Cell<usize>,
    bytes: Cell<usize>,
    ended: Cell<bool>,
    /// Whether the response's text has been read to its end by a machine that stays open for `document.write`.
    open: RefCell<OpenState>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OpenState {
    Response,
    /// After `document.open`: open until `document.close`.
    Script,
}

impl std::fmt::Debug for DocumentParser {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DocumentParser").field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl DocumentParser {
    pub(super) fn of_response(document: Rc<Document>, html: &str) -> Self {
        let parser = Self::new(document, OpenState::Response);
        let mut rest = html;
        while !rest.is_empty() {
            let cut = char_boundary(rest, PIECE_BYTES);
            parser.response.push_back(StrTendril::from(&rest[..cut]));
            rest = &rest[cut..];
        }
        parser
    }

    /// What `document.open` begins.
    pub(super) fn of_script(document: Rc<Document>) -> Self {
        Self::new(document, OpenState::Script)
    }

    fn new(document: Rc<Document>, open: OpenState) -> Self {
        let sink = DocumentSink::of_document(Rc::clone(&document));
        let builder = TreeBuilder::new(sink, TreeBuilderOpts::default());
        Self {
            machine: Tokenizer::new(builder, TokenizerOpts::default()),
            document,
            response: BufferQueue::default(),
            held_back: BufferQueue::default(),
            waited_for: Cell::new(None),
            depth: Cell::new(0),
            bytes: Cell::new(0),
            ended: Cell::new(false),
            open: RefCell::new(open),
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.get()
    }

    /// Parses the response's text to its end, or until the page is left.
    pub(super) fn run(&self, turn: &mut dyn ScriptTurn) {
        while let Some(piece) = self.response.pop_front() {
            if turn.is_leaving() {
                return;
            }
            let queue = BufferQueue::default();
            queue.push_back(piece);
            loop {
                self.document.source.set(TextSource::Response);
                let TokenizerResult::Script(script) = self.feed(&queue) else { break };
                if !self.run_drawn(turn) {
                    return;
                }
                turn.script(script, ScriptStop::Parser);
                self.run_waiting(turn);
                if turn.is_leaving() {
                    return;
                }
            }
        }
        if self.run_drawn(turn) {
            self.end();
        }
    }

    /// SVG's scripts, at the next stop after them. Says whether the page stays.
    fn run_drawn(&self, turn: &mut dyn ScriptTurn) -> bool {
        for script in self.document.take_drawn_scripts() {
            turn.script(script, ScriptStop::Parser);
            if turn.is_leaving() {
                return false;
            }
        }
        true
    }

    /// Scripts that `document.write` put there and that had to be fetched, and the text behind them.
    fn run_waiting(&self, turn: &mut dyn ScriptTurn) {
        while let Some(script) = self.waited_for.take() {
            if turn.is_leaving() {
                return;
            }
            let behind = BufferQueue::default();
            self.held_back.swap_with(&behind);
            turn.script(script, ScriptStop::Parser);
            self.parse_written(&behind, turn);
        }
    }

    /// `document.write`: parses the text now, as far as it does not wait for a script.
    pub(super) fn write(&self, text: &str, turn: &mut dyn ScriptTurn) {
        let bytes = self.bytes.get() + text.len();
        if self.ended.get() || bytes > MARKUP_BYTES_MAX || self.depth.get() >= WRITE_DEPTH_MAX {
            return;
        }
        self.bytes.set(bytes);
        if self.waited_for.get().is_some() {
            self.held_back.push_back(StrTendril::from(text));
            return;
        }
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from(text));
        self.depth.set(self.depth.get() + 1);
        self.parse_written(&queue, turn);
        self.depth.set(self.depth.get() - 1);
        if *self.open.borrow() == OpenState::Script && self.depth.get() == 0 {
            self.run_waiting(turn);
        }
    }

    fn parse_written(&self, queue: &BufferQueue, turn: &mut dyn ScriptTurn) {
        loop {
            self.document.source.set(TextSource::Script);
            let TokenizerResult::Script(script) = self.feed(queue) else { return };
            if turn.script(script, ScriptStop::Write) == ScriptOutcome::Later {
                self.waited_for.set(Some(script));
            }
            if turn.is_leaving() {
                return;
            }
            if self.waited_for.get().is_some() {
                // What a nested write holds back stands before the rest of this one.
                while let Some(text) = queue.pop_front() {
                    self.held_back.push_back(text);
                }
                return;
            }
        }
    }

    fn feed(&self, queue: &BufferQueue) -> TokenizerResult<NodeId> {
        loop {
            match self.machine.feed(queue) {
                TokenizerResult::EncodingIndicator(_) => {}
                other => return other,
            }
        }
    }

    /// Nothing more comes: closes what is open.
    pub(super) fn end(&self) {
        if !self.ended.replace(true) {
            self.machine.end();
        }
    }
}

/// Parses `html` as the content of an element, for `innerHTML`: scripts in it do not run.
pub(super) fn parse_fragment(
    document: &Rc<Document>,
    context: &str,
    html: &str,
) -> Result<NodeId, TooManyNodes> {
    let root = document.new_fragment()?;
    let sink = DocumentSink { document: Rc::clone(document), root };
    let name = QualName::new(None, ns!(html), LocalName::from(context));
    let context = create_element(&sink, name, Vec::new());
    let builder = TreeBuilder::new_for_fragment(sink, context, None, TreeBuilderOpts::default());
    let state = builder.tokenizer_state_for_context_elem(true);
    parse_all(builder, TokenizerOpts { initial_state: Some(state), ..TokenizerOpts::default() }, html);
    let mut tree = document.tree.borrow_mut();
    if let Some(html) = tree.node(root).first_child {
        tree.detach(html);
        while let Some(child) = tree.node(html).first_child {
            tree.insert(root, child, None);
        }
    }
    Ok(root)
}

/// Parses `html` as a document of its own under a new fragment, for `DOMParser`.
pub(super) fn parse_detached(document: &Rc<Document>, html: &str) -> Result<NodeId, TooManyNodes> {
    let root = document.new_fragment()?;
    let sink = DocumentSink { document: Rc::clone(document), root };
    let options = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    parse_all(TreeBuilder::new(sink, options), TokenizerOpts::default(), html);
    Ok(root)
}

fn parse_all(builder: TreeBuilder<NodeId, DocumentSink>, options: TokenizerOpts, html: &str) {
    let machine = Tokenizer::new(builder, options);
    let queue = BufferQueue::default();
    let cut = char_boundary(html, MARKUP_BYTES_MAX);
    queue.push_back(StrTendril::from(&html[..cut]));
    while !matches!(machine.feed(&queue), TokenizerResult::Done) {}
    machine.end();
}

/// The last place at or before `bytes` where a character begins.
fn char_boundary(text: &str, bytes: usize) -> usize {
    (0..=bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
