//! What the document's policies say to an action.

use rquickjs::Result;
use url::Url;

use super::{
    super::policy::{Inline, PolicyOrigin, Sandbox, ScriptUrl, TopNavigation},
    provide::Host,
};

pub(super) fn provide(host: &Host<'_>) -> Result<()> {
    host.add("addPolicy", |realm| {
        move |text: String| realm.policies.borrow_mut().add(&text, PolicyOrigin::Meta)
    })?;
    host.add("allowsInline", |realm| {
        move |kind: String, source: String, nonce: String| {
            let kind = match kind.as_str() {
                "attribute" => Inline::Attribute,
                "navigation" => Inline::Navigation,
                _ => Inline::Element,
            };
            realm.policies.borrow().allow_inline(kind, &source, &nonce)
        }
    })?;
    host.add("allowsScript", |realm| {
        move |url: String, nonce: String, parser_inserted: bool| {
            let Ok(url) = Url::parse(&url) else { return false };
            let script = ScriptUrl { url: &url, nonce: &nonce, parser_inserted };
            realm.policies.borrow().allow_script(&script, &realm.url.borrow())
        }
    })?;
    host.add("allowsEval", |realm| move || realm.policies.borrow().allow_eval())?;
    host.add("allowsUrl", |realm| {
        move |directives: Vec<String>, url: String| {
            let Ok(url) = Url::parse(&url) else { return false };
            let names: Vec<&str> = directives.iter().map(String::as_str).collect();
            realm.policies.borrow().allow_url(&names, &url, &realm.url.borrow())
        }
    })?;
    host.add("sandboxOf", |realm| {
        move |index: usize| realm.state.realm(index).map(|other| flags(other.sandbox.get()))
    })?;
    // Scripts, forms, same origin, top navigation, modals, top navigation to anywhere: what the document's sandbox leaves.
    host.add("sandbox", |realm| move || flags(realm.sandbox.get()))
}

fn flags(sandbox: Sandbox) -> Vec<bool> {
    let Sandbox { scripts, forms, same_origin, top_navigation, modals } = sandbox;
    let (anywhere, some) =
        (top_navigation == TopNavigation::Anywhere, top_navigation != TopNavigation::Nowhere);
    vec![scripts, forms, same_origin, some, modals, anywhere]
}
