//! The document as a whole: its URL, `document.write`, cookies, clock, chance, navigation, and notes for the report.

use rquickjs::{Ctx, Module, Promise, Result, Value, function::Opt};
use url::Url;

use super::{
    super::{
        dom::{NodeData, NodeId},
        parser::DocumentParser,
        realm::{Realm, RealmTurn},
    },
    provide::Host,
    text::bytes_of,
};
use crate::task::{InsertedRefresh, Navigation, NavigationCause};

pub(super) fn provide(host: &Host<'_>) -> Result<()> {
    addresses(host)?;
    writing(host)?;
    clock(host)?;
    notes(host)?;
    navigation(host)
}

fn addresses(host: &Host<'_>) -> Result<()> {
    host.add("documentUrl", |realm| move || realm.url.borrow().to_string())?;
    // History and fragment changes: the document stays, its address does not.
    host.add("setDocumentUrl", |realm| {
        move |text: String| {
            if let Ok(url) = Url::parse(&text) {
                *realm.url.borrow_mut() = url;
            }
        }
    })?;
    host.add("baseUrl", |realm| move || realm.base().to_string())?;
    host.add("setBaseUrl", |realm| {
        move |text: Option<String>| {
            *realm.base_url.borrow_mut() = text.and_then(|text| Url::parse(&text).ok());
        }
    })?;
    // The base of the code that was entered last: what `top.location = "x"` in a frame is relative to.
    host.add("entryBaseUrl", |realm| {
        move || {
            let entered = realm.state.entered.borrow().last().copied();
            let entry = entered.and_then(|index| realm.state.realm(index));
            entry.map_or_else(|| realm.base(), |entry| entry.base()).to_string()
        }
    })?;
    host.add("entryRealm", |realm| move || realm.state.entered.borrow().last().copied().unwrap_or(0))?;
    host.add("charset", |realm| move || realm.state.task().charset.clone())
}

fn writing<'js>(host: &Host<'js>) -> Result<()> {
    host.add("write", |realm| {
        move |ctx: Ctx<'js>, text: String| {
            let parser = realm.parser.borrow().clone();
            if let Some(parser) = parser {
                parser.write(&text, &mut RealmTurn { realm: &realm, ctx: &ctx });
                realm.flush(&ctx);
            }
        }
    })?;
    host.add("parserEnded", |realm| {
        move || realm.parser.borrow().as_ref().is_none_or(|parser| parser.has_ended())
    })?;
    // `document.open` after the document was read: it starts again, empty.
    host.add("openDocument", |realm| {
        move || {
            let mut tree = realm.document.tree.borrow_mut();
            while let Some(child) = tree.node(NodeId::DOCUMENT).first_child {
                tree.detach(child);
            }
            drop(tree);
            *realm.parser.borrow_mut() = Some(DocumentParser::of_script(realm.document.clone()).into());
        }
    })?;
    host.add("closeDocument", |realm| {
        move |ctx: Ctx<'js>| {
            let parser = realm.parser.borrow().clone();
            if let Some(parser) = parser {
                parser.end();
                realm.flush(&ctx);
            }
        }
    })?;
    host.add("runScript", |_realm| {
        move |ctx: Ctx<'js>, source: String, name: String| -> Result<Value<'js>> {
            let mut options = rquickjs::context::EvalOptions::default();
            options.strict = false;
            options.filename = Some(name.replace('\0', ""));
            ctx.eval_with_options(source.replace('\0', "\u{fffd}"), options)
        }
    })?;
    // The promise of a module script's run.
    host.add("runModule", |_realm| {
        move |ctx: Ctx<'js>, source: String, name: String| -> Result<Promise<'js>> {
            let module = Module::declare(ctx, name.as_str(), source.replace('\0', "\u{fffd}"))?;
            module.meta()?.set("url", name)?;
            module.eval().map(|(_, finished)| finished)
        }
    })?;
    host.add("mapImport", |realm| {
        move |name: String, url: String| realm.state.import_map.borrow_mut().push((name, url))
    })?;
    host.add("microtasks", |realm| move |ctx: Ctx<'js>| realm.run_jobs(&ctx))
}

fn clock(host: &Host<'_>) -> Result<()> {
    host.add("now", |realm| move || realm.state.now_ms())?;
    host.add("readClock", |realm| move || realm.state.read_clock_ms())?;
    host.add("advanceTo", |realm| move |at_ms: f64| realm.state.advance_to(at_ms))?;
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's times are doubles")]
    host.add("epoch", |realm| move || realm.state.task().now_ms as f64)?;
    #[expect(clippy::cast_precision_loss, reason = "53 random bits fit a double")]
    host.add("random", |realm| move || (realm.state.random() >> 11) as f64 / (1_u64 << 53) as f64)?;
    host.add("cookies", |realm| move || realm.state.cookies())?;
    host.add("setCookie", |realm| move |text: String| realm.state.set_cookie(&text))
}

fn notes(host: &Host<'_>) -> Result<()> {
    host.add("need", |realm| move |word: String| realm.state.need(&word))?;
    host.add("noteError", |realm| move |message: String| realm.state.note_error(&message))?;
    host.add("noteRefresh", |realm| {
        move |content: String| {
            if realm.index == 0 {
                realm.state.note_refresh(InsertedRefresh { content, base_url: realm.base().to_string() });
            }
        }
    })?;
    host.add("profile", |realm| {
        move || {
            let task = realm.state.task();
            let mobile = if task.is_mobile { "1" } else { "" };
            vec![task.user_agent.clone(), task.languages.join(","), mobile.to_owned(), task.referrer.clone()]
        }
    })?;
    host.add("storage", |realm| {
        move || {
            let storage = &realm.state.task().storage;
            let pairs = |pairs: &[(String, String)]| {
                pairs.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect::<Vec<_>>()
            };
            let name = vec![vec!["name".to_owned(), storage.window_name.clone()]];
            vec![pairs(&storage.local), pairs(&storage.session), name]
        }
    })?;
    host.add("doctype", |realm| {
        move || {
            let tree = realm.document.tree.borrow();
            let doctype = tree.children(NodeId::DOCUMENT);
            let mut doctype = doctype.filter(|id| matches!(tree.node(*id).data, NodeData::Doctype(_)));
            doctype.next().map_or(0, |id| id.0)
        }
    })
}

fn cause(word: &str) -> NavigationCause {
    match word {
        "anchor" => NavigationCause::AnchorClick,
        "reload" => NavigationCause::Reload,
        "form" => NavigationCause::Form,
        _ => NavigationCause::Script,
    }
}

fn navigation(host: &Host<'_>) -> Result<()> {
    host.add("navigate", |realm| {
        move |url: String, word: String, no_referrer: bool, body: Opt<String>, content_type: Opt<String>| {
            let at_ms = at_ms(&realm);
            let method = if body.0.is_some() { "POST" } else { "GET" }.to_owned();
            let body = body.0.map(|body| bytes_of(&body)).unwrap_or_default();
            let cause = cause(&word);
            realm.state.navigate(Navigation {
                url,
                cause,
                method,
                body,
                content_type: content_type.0,
                at_ms,
                no_referrer,
            });
        }
    })?;
    host.add("stop", |realm| move || realm.state.stop())?;
    host.add("leaving", |realm| move || realm.state.is_leaving())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the clock is positive and small"
)]
fn at_ms(realm: &Realm) -> u64 {
    realm.state.now_ms() as u64
}
