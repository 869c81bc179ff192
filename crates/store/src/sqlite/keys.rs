//! The port's `KeyStore` on SQLite.

use async_trait::async_trait;
use hopline_domain::{
    id::{KeyId, WorkspaceId},
    key::Key,
    store::{
        AuditEntry, AuthenticatedKey, Caller, Changed, Created, FamilySecret, KeyCreate, KeyStore, KeyUpdate,
        KeyUse, Page, Paged, Rotation, SecretRotation, StoreError,
    },
    time::Timestamp,
};

use super::store::SqliteStore;

mod create;
pub(super) mod read;
mod rotate;
mod row;
pub(super) mod secrets;
mod update;

pub(super) use create::{NewFamily, insert_family, insert_key, of_new};

#[async_trait]
impl KeyStore for SqliteStore {
    async fn key_authenticate(&self, hash: [u8; 32]) -> Result<Option<AuthenticatedKey>, StoreError> {
        self.core_readers.run("look the key up", move |connection| read::authenticate(connection, hash)).await
    }

    async fn key_create(
        &self,
        caller: Caller,
        create: KeyCreate,
        now: Timestamp,
    ) -> Result<Created<Key>, StoreError> {
        self.core.run("make the key", move |turn| create::create(turn.connection, caller, &create, now)).await
    }

    async fn key_get(&self, workspace_id: WorkspaceId, id: KeyId) -> Result<Option<Key>, StoreError> {
        self.core_readers.run("read the key", move |connection| read::get(connection, workspace_id, id)).await
    }

    async fn key_list(&self, workspace_id: WorkspaceId, page: Page) -> Result<Paged<Key>, StoreError> {
        self.core_readers
            .run("list the keys", move |connection| read::list(connection, workspace_id, page))
            .await
    }

    async fn key_update(
        &self,
        caller: Caller,
        update: KeyUpdate,
        now: Timestamp,
    ) -> Result<Changed<Key>, StoreError> {
        self.core
            .run("change the key", move |turn| update::update(turn.connection, caller, &update, now))
            .await
    }

    async fn key_rotate(
        &self,
        caller: Caller,
        rotation: Rotation,
        now: Timestamp,
    ) -> Result<Created<Key>, StoreError> {
        self.core
            .run("rotate the key", move |turn| rotate::rotate(turn.connection, caller, &rotation, now))
            .await
    }

    async fn key_secrets_read(
        &self,
        caller: Caller,
        key_id: KeyId,
        audit: AuditEntry,
        now: Timestamp,
    ) -> Result<Option<Vec<FamilySecret>>, StoreError> {
        let reading = secrets::Reading { key_id, audit, now };
        let read = move |turn: &mut super::writer::Turn<'_>| secrets::read(turn.connection, caller, &reading);
        self.core.run("read the webhook secrets", read).await
    }

    async fn key_secret_rotate(
        &self,
        caller: Caller,
        rotation: SecretRotation,
        now: Timestamp,
    ) -> Result<Created<Key>, StoreError> {
        let rotate = move |turn: &mut super::writer::Turn<'_>| {
            secrets::rotate(turn.connection, caller, &rotation, now)
        };
        self.core.run("rotate the webhook secret", rotate).await
    }

    async fn key_touch(&self, uses: Vec<KeyUse>) -> Result<(), StoreError> {
        self.core.run("note the use of keys", move |turn| update::touch(turn.connection, &uses)).await
    }
}
