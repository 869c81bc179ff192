//! Pages that visitors of short links meet: small, self-contained, without scripts, in light and dark.

mod card;
mod layout;
mod notice;
mod password;
mod preview;

pub(super) use card::card;
pub(super) use notice::{Notice, notice};
pub(super) use password::{Asked, ask_password};
pub(super) use preview::preview;
