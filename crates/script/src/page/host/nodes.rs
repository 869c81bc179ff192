//! Nodes: what they are, where they stand, and moving them. 0 stands for "no node".

use html5ever::{LocalName, Namespace, QualName};
use rquickjs::Result;

use super::{
    super::{
        dom::{Depth, Element, NodeData, NodeId, Selector},
        parser::{parse_detached, parse_fragment},
        realm::Realm,
    },
    provide::Host,
};

pub(super) fn provide(host: &Host<'_>) -> Result<()> {
    making(host)?;
    relatives(host)?;
    moving(host)?;
    attributes(host)?;
    searching(host)
}

fn number(id: Option<NodeId>) -> u32 {
    id.map_or(0, |id| id.0)
}

fn numbers(ids: impl IntoIterator<Item = NodeId>) -> Vec<u32> {
    ids.into_iter().map(|id| id.0).collect()
}

/// A full document has no more nodes to give: the script gets 0 and fails.
fn create(realm: &Realm, data: NodeData) -> u32 {
    number(realm.document.tree.borrow_mut().create(data).ok())
}

fn making(host: &Host<'_>) -> Result<()> {
    host.add("createElement", |realm| {
        move |local: String, namespace: String| {
            let name = QualName::new(None, Namespace::from(namespace), LocalName::from(local));
            let is_template = name.ns == html5ever::ns!(html) && &*name.local == "template";
            let mut element = Element::new(name);
            if is_template {
                element.template = realm.document.new_fragment().ok();
            }
            create(&realm, NodeData::Element(element))
        }
    })?;
    host.add("createText", |realm| move |text: String| create(&realm, NodeData::Text(text)))?;
    host.add("createComment", |realm| move |text: String| create(&realm, NodeData::Comment(text)))?;
    host.add("createFragment", |realm| move || create(&realm, NodeData::Fragment))?;
    host.add("copy", |realm| {
        move |id: u32, deep: bool| {
            let depth = if deep { Depth::Subtree } else { Depth::Node };
            number(realm.document.tree.borrow_mut().copy(NodeId(id), depth).ok())
        }
    })?;
    host.add("parseFragment", |realm| {
        move |context: String, html: String| number(parse_fragment(&realm.document, &context, &html).ok())
    })?;
    host.add("parseDocument", |realm| move |html: String| number(parse_detached(&realm.document, &html).ok()))
}

/// `e div http://…`, `t`, `c`, `f`, `y html` or `d`: kind, name, namespace.
fn describe(data: &NodeData) -> String {
    match data {
        NodeData::Document => "d".to_owned(),
        NodeData::Fragment => "f".to_owned(),
        NodeData::Doctype(name) => format!("y {name}"),
        NodeData::Text(_) => "t".to_owned(),
        NodeData::Comment(_) => "c".to_owned(),
        NodeData::Element(element) => format!("e {} {}", element.local_name(), element.name.ns),
    }
}

fn relatives(host: &Host<'_>) -> Result<()> {
    host.add("describe", |realm| {
        move |id: u32| describe(&realm.document.tree.borrow().node(NodeId(id)).data)
    })?;
    host.add("parent", |realm| move |id: u32| number(realm.document.tree.borrow().node(NodeId(id)).parent))?;
    host.add("first", |realm| {
        move |id: u32| number(realm.document.tree.borrow().node(NodeId(id)).first_child)
    })?;
    host.add("last", |realm| {
        move |id: u32| number(realm.document.tree.borrow().node(NodeId(id)).last_child)
    })?;
    host.add("next", |realm| move |id: u32| number(realm.document.tree.borrow().node(NodeId(id)).next))?;
    host.add("previous", |realm| {
        move |id: u32| number(realm.document.tree.borrow().node(NodeId(id)).previous)
    })?;
    host.add("children", |realm| move |id: u32| numbers(realm.document.tree.borrow().children(NodeId(id))))?;
    host.add("contains", |realm| {
        move |ancestor: u32, id: u32| realm.document.tree.borrow().contains(NodeId(ancestor), NodeId(id))
    })?;
    host.add("connected", |realm| move |id: u32| realm.document.tree.borrow().is_connected(NodeId(id)))?;
    host.add("template", |realm| {
        move |id: u32| {
            let tree = realm.document.tree.borrow();
            number(tree.element(NodeId(id)).and_then(|element| element.template))
        }
    })
}

fn moving(host: &Host<'_>) -> Result<()> {
    // The active elements that came into the document by this, or nothing where a node would contain itself.
    host.add("insert", |realm| {
        move |parent: u32, child: u32, before: u32| {
            let (parent, child) = (NodeId(parent), NodeId(child));
            let before = (before != 0).then_some(NodeId(before));
            let mut tree = realm.document.tree.borrow_mut();
            let misplaced = before.is_some_and(|before| tree.node(before).parent != Some(parent));
            if tree.contains(child, parent) || misplaced {
                return None;
            }
            if before != Some(child) {
                tree.insert(parent, child, before);
            }
            let connected = tree.is_connected(child);
            drop(tree);
            Some(if connected { numbers(realm.document.active_below(child)) } else { Vec::new() })
        }
    })?;
    host.add("detach", |realm| move |id: u32| realm.document.tree.borrow_mut().detach(NodeId(id)))?;
    host.add("data", |realm| {
        move |id: u32| match &realm.document.tree.borrow().node(NodeId(id)).data {
            NodeData::Text(text) | NodeData::Comment(text) => text.clone(),
            _ => String::new(),
        }
    })?;
    host.add("setData", |realm| {
        move |id: u32, value: String| match realm.document.tree.borrow_mut().data_mut(NodeId(id)) {
            NodeData::Text(text) | NodeData::Comment(text) => *text = value,
            _ => {}
        }
    })?;
    host.add("text", |realm| move |id: u32| realm.document.tree.borrow().text(NodeId(id)))?;
    host.add("innerHtml", |realm| move |id: u32| realm.document.tree.borrow().inner_html(NodeId(id)))?;
    host.add("outerHtml", |realm| move |id: u32| realm.document.tree.borrow().outer_html(NodeId(id)))
}

fn attributes(host: &Host<'_>) -> Result<()> {
    host.add("attribute", |realm| {
        move |id: u32, name: String| {
            let tree = realm.document.tree.borrow();
            tree.element(NodeId(id)).and_then(|element| element.attribute(&name).map(str::to_owned))
        }
    })?;
    host.add("setAttribute", |realm| {
        move |id: u32, name: String, value: String| {
            if let Some(element) = realm.document.tree.borrow_mut().element_mut(NodeId(id)) {
                element.set_attribute(&name, &value);
            }
            if name == "id" || name == "name" {
                realm.document.note_name(&value);
            }
        }
    })?;
    host.add("removeAttribute", |realm| {
        move |id: u32, name: String| {
            if let Some(element) = realm.document.tree.borrow_mut().element_mut(NodeId(id)) {
                element.attributes.retain(|(known, _)| *known != name);
            }
        }
    })?;
    host.add("attributeNames", |realm| {
        move |id: u32| {
            let tree = realm.document.tree.borrow();
            let names = tree
                .element(NodeId(id))
                .map(|element| element.attributes.iter().map(|(name, _)| name.clone()));
            names.map(Iterator::collect::<Vec<_>>).unwrap_or_default()
        }
    })
}

fn searching(host: &Host<'_>) -> Result<()> {
    // Nothing where the selector is not understood.
    host.add("select", |realm| {
        move |root: u32, selector: String, count_max: u32| {
            let selector = Selector::parse(&selector)?;
            let tree = realm.document.tree.borrow();
            Some(numbers(selector.select(&tree, NodeId(root), count_max as usize)))
        }
    })?;
    host.add("matches", |realm| {
        move |id: u32, selector: String, scope: u32| {
            let selector = Selector::parse(&selector)?;
            Some(selector.matches(&realm.document.tree.borrow(), NodeId(id), NodeId(scope)))
        }
    })?;
    host.add("byAttribute", |realm| {
        move |root: u32, name: String, value: String| {
            let tree = realm.document.tree.borrow();
            let has = |id: &NodeId| {
                tree.element(*id).is_some_and(|element| element.attribute(&name) == Some(value.as_str()))
            };
            numbers(tree.walk(NodeId(root)).filter(has))
        }
    })?;
    // `names` is a list of local names; an empty list means all elements.
    host.add("byName", |realm| {
        move |root: u32, names: Vec<String>| {
            let tree = realm.document.tree.borrow();
            let fits = |id: &NodeId| {
                let element = tree.element(*id);
                element.is_some_and(|element| {
                    names.is_empty() || names.iter().any(|name| name == element.local_name())
                })
            };
            numbers(tree.walk(NodeId(root)).filter(|id| id.0 != root && fits(id)))
        }
    })?;
    host.add("named", |realm| move || realm.document.take_names())
}
