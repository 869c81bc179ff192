//! The port's `LinkStore` on SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use hopline_domain::{
    id::{DomainId, LinkId, WorkspaceId},
    short_link::{ShortLink, ShortUrls, Slug},
    store::{
        BulkChunked, Caller, LinkBlock, LinkBulkChunk, LinkChanged, LinkCreate, LinkCreated, LinkDelete,
        LinkDeleted, LinkFilter, LinkLimit, LinkStore, LinkUpdate, LinkUpsert, LinkUpserted, Page, Paged,
        RedirectEntry, StoreError,
    },
    time::Timestamp,
};

use super::store::SqliteStore;

mod block;
pub(super) mod bulk;
mod create;
mod delete;
pub(super) mod expiry;
pub(super) mod limit;
pub(super) mod list;
pub(super) mod lookup;
mod make;
pub(super) mod meters;
mod ownership;
pub(super) mod read;
mod row;
mod slugs;
mod tell;
mod update;
mod upsert;

#[async_trait]
impl LinkStore for SqliteStore {
    async fn link_create(
        &self,
        caller: Caller,
        create: LinkCreate,
        now: Timestamp,
    ) -> Result<LinkCreated, StoreError> {
        self.core.run("make the link", move |turn| create::create(turn, caller, &create, now)).await
    }

    async fn link_upsert(
        &self,
        caller: Caller,
        upsert: LinkUpsert,
        now: Timestamp,
    ) -> Result<LinkUpserted, StoreError> {
        self.core.run("make or change the link", move |turn| upsert::upsert(turn, caller, &upsert, now)).await
    }

    async fn link_bulk_chunk(
        &self,
        caller: Caller,
        chunk: LinkBulkChunk,
        now: Timestamp,
    ) -> Result<BulkChunked, StoreError> {
        self.core.run("make the links", move |turn| bulk::chunk(turn, caller, &chunk, now)).await
    }

    async fn link_get(&self, workspace_id: WorkspaceId, id: LinkId) -> Result<Option<ShortLink>, StoreError> {
        self.core_readers
            .run("read the link", move |connection| read::get(connection, workspace_id, id))
            .await
    }

    async fn link_by_slug(
        &self,
        workspace_id: WorkspaceId,
        domain_id: DomainId,
        slug: Slug,
    ) -> Result<Option<ShortLink>, StoreError> {
        let find = move |connection: &_| read::by_slug(connection, workspace_id, domain_id, &slug);
        self.core_readers.run("look the slug up", find).await
    }

    async fn link_by_external_id(
        &self,
        workspace_id: WorkspaceId,
        external_id: String,
    ) -> Result<Option<ShortLink>, StoreError> {
        let find = move |connection: &_| read::by_external_id(connection, workspace_id, &external_id);
        self.core_readers.run("look the external id up", find).await
    }

    async fn link_list(
        &self,
        workspace_id: WorkspaceId,
        filter: LinkFilter,
        page: Page,
    ) -> Result<Paged<ShortLink>, StoreError> {
        let list = move |connection: &_| list::list(connection, workspace_id, &filter, page);
        self.core_readers.run("list the links", list).await
    }

    async fn link_update(
        &self,
        caller: Caller,
        update: LinkUpdate,
        now: Timestamp,
    ) -> Result<LinkChanged, StoreError> {
        self.core.run("change the link", move |turn| update::update(turn, caller, &update, now)).await
    }

    async fn link_block(
        &self,
        caller: Caller,
        block: LinkBlock,
        now: Timestamp,
    ) -> Result<LinkChanged, StoreError> {
        self.core.run("block the link", move |turn| block::block(turn, caller, &block, now)).await
    }

    async fn link_delete(
        &self,
        caller: Caller,
        delete: LinkDelete,
        now: Timestamp,
    ) -> Result<LinkDeleted, StoreError> {
        self.core.run("delete the link", move |turn| delete::delete(turn, caller, &delete, now)).await
    }

    async fn redirect_lookup(&self, domain_id: DomainId, path: String) -> Result<RedirectEntry, StoreError> {
        let find = move |connection: &_| lookup::lookup(connection, domain_id, &path);
        self.core_readers.run("look the path up", find).await
    }

    async fn link_limit_list(&self, after: Option<LinkId>, limit: u32) -> Result<Vec<LinkLimit>, StoreError> {
        self.core_readers
            .run("list the limited links", move |connection| lookup::limits(connection, after, limit))
            .await
    }

    async fn link_expiry_sweep(
        &self,
        urls: Arc<ShortUrls>,
        limit: u32,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        self.core.run("tell of expired links", move |turn| expiry::sweep(turn, &urls, limit, now)).await
    }
}
