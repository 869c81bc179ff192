//! Settings: command line, then environment (`HOPLINE_…`), then the TOML file, then defaults; the first that says
//! something wins. One file per section; this is the only room that reads the environment.

mod environment;
mod file;
mod layer;
mod settings;

mod browser;
mod budgets;
mod clicks;
mod egress;
mod folder;
mod limits;
mod links;
mod listen;
mod network;
mod politeness;
mod profiles;
mod retention;
mod script;
mod telemetry;

pub use browser::{BrowserSandbox, BrowserSection, BrowserUser};
pub use budgets::BudgetsSection;
pub use clicks::{ClicksSection, ClicksSettings};
pub use egress::{EgressSection, EgressSettings, ProxySection, Secret};
pub(crate) use environment::Environment;
pub use folder::{FolderSection, FolderSettings};
pub use layer::{Layer, Sources};
pub use limits::{LimitsSection, LimitsSettings};
pub use links::{LinksSection, LinksSettings};
pub(crate) use listen::ADMIN_LISTEN_DEFAULT;
pub use listen::{AdminListen, ListenSection, ListenSettings};
pub use network::{NetworkSection, NetworkSettings};
pub use politeness::PolitenessSection;
pub use retention::{RetentionSection, RetentionSettings};
pub use script::ScriptSection;
pub use settings::Settings;
pub use telemetry::{LogFormat, TelemetrySection, TelemetrySettings};
