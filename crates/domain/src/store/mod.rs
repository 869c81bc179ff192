//! The store port: what the rooms above ask of a database, at use-case level.
//!
//! Each method is one transaction and one operation. It takes the scope it works in, the time, and every id and
//! secret it will write, and returns an enum that says what happened. There is no begin and no commit here.

mod clicks;
mod deliveries;
mod domains;
mod endpoints;
mod error;
mod event_log;
mod evidence;
mod jobs;
mod keys;
mod links;
mod maintenance;
mod page;
mod port;
mod relay;
mod replays;
mod tags;
mod workspaces;

pub use crate::click::log::{Appended, ClickFeed, ClickFeedError, ClickLog};
pub use clicks::{ClickDeletion, ClickFilter, ClickStore, Folded, LinkCount};
pub use deliveries::{
    AttemptEnd, ClaimedDelivery, DeliveryClaim, DeliveryFilter, DeliveryLease, DeliveryStore, DeliveryView,
    LaneRules, ManualRetry, NewDelivery,
};
pub use domains::{
    DomainAuthority, DomainCreate, DomainCreated, DomainDelete, DomainSettings, DomainStore, DomainUpdate,
    DomainVerify,
};
pub use endpoints::{
    EndpointCreate, EndpointDelete, EndpointSecretRotation, EndpointStore, EndpointTest, EndpointUpdate,
    Switch,
};
pub use error::StoreError;
pub use event_log::{EventStore, LoggedEvent};
pub use evidence::{EvidenceDigest, EvidenceStore};
pub use jobs::{
    Accepted, ClaimedJob, Counted, ExpiredJob, JobAccept, JobClaim, JobEnd, JobLease, JobStore, JobView,
    NewJob, Refused,
};
pub use keys::{
    AuditEntry, AuthenticatedKey, Changed, Created, FamilySecret, KeyCreate, KeyPatch, KeyStore, KeyUpdate,
    KeyUse, NewKey, Rotation, SecretRotation,
};
pub use links::{
    BulkChunked, BulkProgress, BulkRecord, BulkRow, LinkBlock, LinkBulkChunk, LinkChanged, LinkCreate,
    LinkCreated, LinkDeed, LinkDelete, LinkDeleted, LinkFilter, LinkLimit, LinkQuota, LinkRefused, LinkScene,
    LinkStore, LinkUpdate, LinkUpsert, LinkUpserted, NewLink, RedirectEntry, SlugChoice, TagChoice,
};
pub use maintenance::{MaintenanceStore, QueueDepths, Retention, Swept};
pub use page::{Cursor, Page, Paged};
pub use port::{Caller, Finished, Store};
pub use relay::{RelayBatch, RelayStore, Relayed};
pub use replays::{ReplayCreate, ReplayStep, ReplayStore};
pub use tags::{TagCreate, TagCreated, TagDelete, TagRename, TagStore, TagView};
pub use workspaces::{Bootstrap, Bootstrapped, Grant, Workspace, WorkspaceStore, WorkspaceUsage};
