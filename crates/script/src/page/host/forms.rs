//! Which form a control belongs to, and which controls a form has (HTML, "form owner").

use rquickjs::Result;

use super::{
    super::{
        dom::{Element, NodeId, Tree},
        realm::Realm,
    },
    provide::Host,
};

const LISTED: [&str; 7] = ["button", "fieldset", "input", "object", "output", "select", "textarea"];

pub(super) fn provide(host: &Host<'_>) -> Result<()> {
    host.add("formOwner", |realm| {
        move |id: u32| form_owner(&realm.document.tree.borrow(), NodeId(id)).map_or(0, |form| form.0)
    })?;
    host.add("formControls", |realm| move |form: u32| controls(&realm, NodeId(form), |_| true))?;
    host.add("formControlsNamed", |realm| {
        move |form: u32, name: String| {
            let named =
                |element: &Element| ["id", "name"].iter().any(|key| element.attribute(key) == Some(&name));
            controls(&realm, NodeId(form), named)
        }
    })
}

/// The form's controls in document order, wherever they stand.
fn controls(realm: &Realm, form: NodeId, wanted: impl Fn(&Element) -> bool) -> Vec<u32> {
    let tree = realm.document.tree.borrow();
    let root = tree.ancestors(form).last().unwrap_or(form);
    let is_wanted = |id: &NodeId| {
        tree.element(*id).is_some_and(|element| {
            element.is_html() && LISTED.contains(&element.local_name()) && wanted(element)
        })
    };
    let wanted = tree.walk(root).filter(is_wanted).filter(|id| form_owner(&tree, *id) == Some(form));
    wanted.map(|id| id.0).collect()
}

/// By `form=`, by standing inside it, or by the parser's judgement where markup was broken.
fn form_owner(tree: &Tree, id: NodeId) -> Option<NodeId> {
    let element = tree.element(id)?;
    let is_form = |id: &NodeId| {
        tree.element(*id).is_some_and(|element| element.is_html() && element.local_name() == "form")
    };
    if let Some(wanted) = element.attribute("form")
        && tree.is_connected(id)
    {
        let has_id =
            |id: &NodeId| tree.element(*id).is_some_and(|element| element.attribute("id") == Some(wanted));
        return tree.walk(NodeId::DOCUMENT).find(has_id).filter(is_form);
    }
    let inside = tree.ancestors(id).find(is_form);
    inside.or_else(|| element.form_owner.filter(|form| tree.is_connected(*form)))
}
