//! Puts the host object together.

use std::rc::Rc;

use rquickjs::{Ctx, Object, Result, function::Func, function::IntoJsFunc};

use super::super::{limits::FETCH_MS, realm::Realm};

/// The object under construction, and the document its functions work on.
pub(super) struct Host<'js> {
    object: Object<'js>,
    realm: Rc<Realm>,
}

impl<'js> Host<'js> {
    /// Adds the function that `make` builds around the realm.
    pub(super) fn add<P, F, M>(&self, name: &str, make: M) -> Result<()>
    where
        F: IntoJsFunc<'js, P> + 'js,
        P: 'js,
        M: FnOnce(Rc<Realm>) -> F,
    {
        self.object.set(name, Func::from(make(Rc::clone(&self.realm))))
    }
}

/// All functions the prelude of one realm gets.
pub(in crate::page) fn host_object<'js>(ctx: &Ctx<'js>, realm: &Rc<Realm>) -> Result<Object<'js>> {
    let host = Host { object: Object::new(ctx.clone())?, realm: Rc::clone(realm) };
    host.object.set("realm", realm.index)?;
    host.object.set("fetchMs", FETCH_MS)?;
    super::nodes::provide(&host)?;
    super::document::provide(&host)?;
    super::forms::provide(&host)?;
    super::frames::provide(&host)?;
    super::network::provide(&host)?;
    super::policy::provide(&host)?;
    super::text::provide(&host)?;
    super::url::provide(&host)?;
    Ok(host.object)
}
