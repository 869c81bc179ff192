//! Permissions as types, so that a handler's signature says which scope its caller holds.

use hopline_domain::key::Scope;

/// What a route asks of a key.
pub(crate) trait Permission: Send + Sync + 'static {
    /// `None`: any valid key will do.
    const SCOPE: Option<Scope>;
    /// A wider scope that does as well.
    const WIDER: Option<Scope> = None;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $scope:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name;

        impl Permission for $name {
            const SCOPE: Option<Scope> = $scope;
        }
    )*};
}

permissions! {
    AnyKey = None;
    Resolve = Some(Scope::Resolve);
    KeysWrite = Some(Scope::KeysWrite);
    AnalyticsRead = Some(Scope::AnalyticsRead);
    LinksRead = Some(Scope::LinksRead);
    LinksWrite = Some(Scope::LinksWrite);
    WebhooksRead = Some(Scope::WebhooksRead);
    WebhooksWrite = Some(Scope::WebhooksWrite);
    WorkspaceRead = Some(Scope::WorkspaceRead);
    Operator = Some(Scope::Operator);
}

/// Making links; whoever may change them may make them too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinksCreate;

impl Permission for LinksCreate {
    const SCOPE: Option<Scope> = Some(Scope::LinksCreate);
    const WIDER: Option<Scope> = Some(Scope::LinksWrite);
}
