//! Documents of frames: taking a spare realm, giving it a document, and reaching the windows around it.

use std::rc::Rc;

use rquickjs::{Ctx, Object, Result, Value, function::Opt};
use url::Url;

use super::{
    super::{
        parser::DocumentParser,
        policy::{Policies, PolicyOrigin, Sandbox},
        realm::{Realm, RealmTurn},
    },
    provide::Host,
};

pub(super) fn provide<'js>(host: &Host<'js>) -> Result<()> {
    // The number of a realm of its own for a frame; nothing when all are taken.
    host.add("takeRealm", |realm| {
        move || {
            let realms = realm.state.realms.borrow();
            let spare = realms.iter().find(|spare| spare.index > 0 && !spare.taken.replace(true));
            if spare.is_none() {
                realm.state.need("frames");
            }
            spare.map(|spare| spare.index)
        }
    })?;
    host.add("windowOf", |realm| {
        move |ctx: Ctx<'js>, index: usize| -> Option<Object<'js>> { realm.state.realm(index)?.global(&ctx) }
    })?;
    host.add("originOf", |realm| move |index: usize| realm.state.realm(index).map(|other| other.origin()))?;
    host.add("topHost", |realm| {
        move || realm.state.realm(0).and_then(|top| top.url.borrow().host_str().map(str::to_owned))
    })?;
    setting_up(host)?;
    asking(host)
}

fn setting_up<'js>(host: &Host<'js>) -> Result<()> {
    // Who the frame's document is: address, base, and what governs it.
    host.add("setUpRealm", |realm| {
        move |ctx: Ctx<'js>, index: usize, url: String, base: String, rules: Object<'js>| -> Result<()> {
            let Some(frame) = realm.state.realm(index) else { return Ok(()) };
            if let (Ok(url), Ok(base)) = (Url::parse(&url), Url::parse(&base)) {
                *frame.url.borrow_mut() = url;
                *frame.base_url.borrow_mut() = Some(base);
            }
            govern(&realm, &frame, &rules)?;
            frame.parent.set(realm.index);
            let name: String = rules.get("name")?;
            frame.call::<_, ()>(&ctx, "begin", (realm.index, name));
            Ok(())
        }
    })?;
    // Reads and runs the frame's document to its load event.
    host.add("runRealm", |realm| {
        move |ctx: Ctx<'js>, index: usize, html: String| {
            if let Some(frame) = realm.state.realm(index) {
                run(&ctx, &frame, &html);
            }
        }
    })?;
    host.add("runInRealm", |realm| {
        move |ctx: Ctx<'js>, index: usize, code: String| {
            if let Some(frame) = realm.state.realm(index) {
                frame.call::<_, ()>(&ctx, "run", (code,));
            }
        }
    })?;
    host.add("leaveRealm", |realm| {
        move |ctx: Ctx<'js>, index: usize| {
            if let Some(frame) = realm.state.realm(index) {
                frame.call::<_, ()>(&ctx, "leave", ());
            }
        }
    })
}

/// Policies of the frame's own answer, those it inherits, and its sandbox: its holder's and that of its attribute.
fn govern(holder: &Realm, frame: &Realm, rules: &Object<'_>) -> Result<()> {
    let own: Vec<String> = rules.get("policies")?;
    let inherits: bool = rules.get("inherit")?;
    let tokens: Option<String> = rules.get("sandbox")?;
    let mut policies = if inherits { holder.policies.borrow().clone() } else { Policies::default() };
    for policy in &own {
        policies.add(policy, PolicyOrigin::Header);
    }
    let attribute = tokens.map_or(Sandbox::OPEN, |tokens| Sandbox::parse(&tokens));
    frame.sandbox.set(policies.sandbox().and(attribute).and(holder.sandbox.get()));
    *frame.policies.borrow_mut() = policies;
    Ok(())
}

fn run(ctx: &Ctx<'_>, frame: &Rc<Realm>, html: &str) {
    let state = &frame.state;
    let parser = Rc::new(DocumentParser::of_response(Rc::clone(&frame.document), html));
    *frame.parser.borrow_mut() = Some(Rc::clone(&parser));
    parser.run(&mut RealmTurn { realm: frame, ctx });
    frame.flush(ctx);
    for hook in ["parsed", "loaded"] {
        if !state.is_leaving() && !state.is_expired() {
            frame.call::<_, ()>(ctx, hook, ());
            frame.flush(ctx);
        }
    }
}

fn asking<'js>(host: &Host<'js>) -> Result<()> {
    // The frame's code wants another document in its own frame.
    host.add("askParent", |realm| {
        move |ctx: Ctx<'js>, url: String| {
            if let Some(parent) = realm.state.realm(realm.parent.get()) {
                parent.call::<_, ()>(&ctx, "asks", (realm.index, url));
            }
        }
    })?;
    host.add("topGoes", |realm| {
        move |ctx: Ctx<'js>,
              url: String,
              cause: String,
              body: Opt<Option<String>>,
              content_type: Opt<Option<String>>| {
            if let Some(top) = realm.state.realm(0) {
                top.call::<_, ()>(&ctx, "go", (url, cause, body.0.flatten(), content_type.0.flatten()));
            }
        }
    })?;
    host.add("postTo", |realm| {
        move |ctx: Ctx<'js>, index: usize, from: usize, message: Value<'js>| {
            if let Some(other) = realm.state.realm(index) {
                other.call::<_, ()>(&ctx, "receive", (message, from));
            }
        }
    })
}
