//! The port's `TagStore` on SQLite.

use async_trait::async_trait;
use hopline_domain::{
    id::{TagId, WorkspaceId},
    store::{
        Caller, Changed, Page, Paged, StoreError, TagCreate, TagCreated, TagDelete, TagRename, TagStore,
        TagView,
    },
    time::Timestamp,
};

use super::store::SqliteStore;

mod change;
mod create;
pub(super) mod read;

#[async_trait]
impl TagStore for SqliteStore {
    async fn tag_create(
        &self,
        caller: Caller,
        create: TagCreate,
        now: Timestamp,
    ) -> Result<TagCreated, StoreError> {
        self.core.run("make the tag", move |turn| create::create(turn.connection, caller, &create, now)).await
    }

    async fn tag_get(&self, workspace_id: WorkspaceId, id: TagId) -> Result<Option<TagView>, StoreError> {
        self.core_readers
            .run("read the tag", move |connection| {
                Ok(read::get(connection, workspace_id, id)?.map(|(_, tag)| tag))
            })
            .await
    }

    async fn tag_list(&self, workspace_id: WorkspaceId, page: Page) -> Result<Paged<TagView>, StoreError> {
        self.core_readers
            .run("list the tags", move |connection| read::list(connection, workspace_id, page))
            .await
    }

    async fn tag_rename(
        &self,
        caller: Caller,
        rename: TagRename,
        now: Timestamp,
    ) -> Result<Changed<TagView>, StoreError> {
        self.core
            .run("rename the tag", move |turn| change::rename(turn.connection, caller, &rename, now))
            .await
    }

    async fn tag_delete(
        &self,
        caller: Caller,
        delete: TagDelete,
        now: Timestamp,
    ) -> Result<Changed<TagView>, StoreError> {
        self.core
            .run("delete the tag", move |turn| change::delete(turn.connection, caller, &delete, now))
            .await
    }
}
