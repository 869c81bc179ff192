//! How a case meets an engine: engines under test, the macro that stamps out tests, and the completeness gate.

use std::{any::Any, future::Future, pin::Pin, sync::Arc};

use hopline_domain::{store::Store, wake::WakeHub};
use hopline_store::sqlite::{SqliteOptions, SqliteStore};

use crate::{fixtures::World, recorder::Recorder};

/// A store that belongs to one case alone.
pub(crate) struct Fresh {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) wake: Arc<WakeHub>,
    /// What must outlive the store.
    pub(crate) ground: Box<dyn Any + Send + Sync>,
}

/// An adapter the suite runs on.
pub(crate) trait EngineUnderTest {
    fn fresh() -> Fresh;
}

pub(crate) struct Sqlite;

impl EngineUnderTest for Sqlite {
    fn fresh() -> Fresh {
        let folder = tempfile::tempdir().unwrap();
        let wake = Arc::new(WakeHub::default());
        let store = SqliteStore::open(SqliteOptions::new(folder.path(), Arc::clone(&wake))).unwrap();
        Fresh { store: Arc::new(store), wake, ground: Box::new(folder) }
    }
}

pub(crate) type Case = fn(World) -> Pin<Box<dyn Future<Output = ()>>>;

/// Runs one case on a store of its own.
pub(crate) fn run(fresh: Fresh, case: Case) {
    block_on(async move { case(World::new(fresh).await).await });
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Every method the port declares, read off its source.
pub(crate) fn port_methods() -> Vec<&'static str> {
    let sources = [
        include_str!("../../../domain/src/store/jobs.rs"),
        include_str!("../../../domain/src/store/clicks.rs"),
        include_str!("../../../domain/src/store/deliveries.rs"),
        include_str!("../../../domain/src/store/domains.rs"),
        include_str!("../../../domain/src/store/links.rs"),
        include_str!("../../../domain/src/store/tags.rs"),
        include_str!("../../../domain/src/store/endpoints.rs"),
        include_str!("../../../domain/src/store/relay.rs"),
        include_str!("../../../domain/src/store/keys.rs"),
        include_str!("../../../domain/src/store/workspaces.rs"),
        include_str!("../../../domain/src/store/evidence.rs"),
        include_str!("../../../domain/src/store/maintenance.rs"),
    ];
    let lines = sources.into_iter().flat_map(str::lines);
    lines.filter_map(|line| line.trim().strip_prefix("async fn ")?.split('(').next()).collect()
}

/// Runs every case on recorded stores; fails when a method of the port was never called.
pub(crate) fn gate<E: EngineUnderTest>(cases: &[Case]) {
    let mut called = std::collections::BTreeSet::new();
    for case in cases {
        let fresh = E::fresh();
        let recorder = Arc::new(Recorder::new(fresh.store));
        run(Fresh { store: Arc::clone(&recorder) as Arc<dyn Store>, ..fresh }, *case);
        called.extend(recorder.called());
    }
    let methods = port_methods();
    assert!(methods.len() > 30, "the port's source was not understood: {methods:?}");
    let missed: Vec<_> = methods.into_iter().filter(|method| !called.contains(method)).collect();
    assert!(missed.is_empty(), "no case calls {missed:?}");
}

/// Stamps out `<engine>::<noun>::<case>` for every engine and case, and the gate over all of them.
macro_rules! conformance {
    ($($cases:tt)*) => {
        $crate::harness::on_engine! { sqlite, $crate::harness::Sqlite, $($cases)* }
    };
}

macro_rules! on_engine {
    ($engine:ident, $type:ty, $($noun:ident: [$($case:ident),* $(,)?]),* $(,)?) => {
        mod $engine {
            $(mod $noun {
                $(#[test]
                fn $case() {
                    use $crate::harness::EngineUnderTest;
                    $crate::harness::run(<$type>::fresh(), |world| Box::pin($crate::$noun::$case(world)));
                })*
            })*

            #[test]
            fn every_method_of_the_port_is_exercised() {
                let cases: &[$crate::harness::Case] = &[$($(|world| Box::pin($crate::$noun::$case(world)),)*)*];
                $crate::harness::gate::<$type>(cases);
            }

            #[test]
            fn agrees_with_the_model() {
                $crate::model::agrees::<$type>();
            }

            #[test]
            fn agrees_with_the_model_of_slugs() {
                $crate::links_model::agrees::<$type>();
            }
        }
    };
}

pub(crate) use {conformance, on_engine};
