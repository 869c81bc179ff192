//! `import`: finds modules by URL and fetches them as the page's own requests, under its policies.

use std::rc::Rc;

use rquickjs::{
    Ctx, Error, Module, Result,
    loader::{ImportAttributes, Loader, Resolver},
};
use url::Url;

use super::{policy::ScriptUrl, state::PageState};
use crate::task::{FetchCredentials, FetchKind, FetchMode, FetchRequest};

/// Specifiers are what an import map makes of them, URLs, or paths relative to the importing module's.
pub(super) struct PageResolver(pub(super) Rc<PageState>);

impl Resolver for PageResolver {
    fn resolve<'js>(
        &mut self,
        _ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        if let Some(url) = self.mapped(name) {
            return Ok(url);
        }
        let relative = ["/", "./", "../"].iter().any(|start| name.starts_with(start));
        let base = Url::parse(base).ok().filter(|_| relative);
        let url = Url::options().base_url(base.as_ref()).parse(name);
        url.map(String::from)
            .map_err(|_| Error::new_resolving(base.map_or_else(String::new, String::from), name))
    }
}

impl PageResolver {
    fn mapped(&self, name: &str) -> Option<String> {
        let map = self.0.import_map.borrow();
        let exact = map.iter().find(|(known, _)| known == name).map(|(_, url)| url.clone());
        exact.or_else(|| {
            let prefixes = map.iter().filter(|(known, _)| known.ends_with('/') && name.starts_with(known));
            let (prefix, url) = prefixes.max_by_key(|(known, _)| known.len())?;
            Some(format!("{url}{}", &name[prefix.len()..]))
        })
    }
}

pub(super) struct PageLoader(pub(super) Rc<PageState>);

impl Loader for PageLoader {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js>> {
        let source = self.source(name).ok_or_else(|| Error::new_loading(name))?;
        let module = Module::declare(ctx.clone(), name, source.replace('\0', "\u{fffd}"))?;
        module.meta()?.set("url", name)?;
        Ok(module)
    }
}

impl PageLoader {
    fn source(&self, name: &str) -> Option<String> {
        let url = Url::parse(name).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let top = self.0.realm(0)?;
        let own = top.url.borrow().clone();
        let script = ScriptUrl { url: &url, nonce: "", parser_inserted: false };
        if !top.policies.borrow().allow_script(&script, &own) {
            return None;
        }
        let answer = self.0.fetch(FetchRequest {
            kind: FetchKind::Script,
            url: name.to_owned(),
            method: "GET".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            mode: FetchMode::Cors,
            credentials: FetchCredentials::SameOrigin,
            client: top.fetch_client(),
        });
        let answer = answer.ok().filter(|answer| (200..300).contains(&answer.status))?;
        let header = |wanted: &str| {
            answer.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
        };
        let is_script = header("content-type")
            .is_some_and(|value| value.contains("javascript") || value.contains("ecmascript"));
        is_script.then(|| String::from_utf8_lossy(&answer.body).into_owned())
    }
}
