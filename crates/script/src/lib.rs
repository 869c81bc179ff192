//! Runs the scripts of one page, in a confined process of its own, and says where the page would go.
//!
//! `page` is what a browser would be to the scripts; it runs in the worker (`worker`), which has no sockets and no files.
//! `engine` is the side of the caller: it keeps workers, kills those that misbehave, and answers what a page asks of the
//! network through the caller's `PageHost`. This room never dials.

mod engine;
mod image;
mod page;
mod protocol;
mod sandbox;
mod task;
mod worker;

pub use engine::{PageHost, ScriptCommand, ScriptEngine, ScriptError, ScriptLimits, WorkerEnd};
pub use image::looks_like_image;
pub use sandbox::{ConfineError, confine};
pub use task::{
    FetchAnswer, FetchClient, FetchCredentials, FetchFailure, FetchKind, FetchMode, FetchRequest,
    InsertedRefresh, Navigation, NavigationCause, PageReport, PageStorage, PageTask, ResponseTainting,
};
pub use worker::worker_main;
