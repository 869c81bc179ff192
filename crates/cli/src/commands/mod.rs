//! The subcommands, one file each.

mod deliveries;
mod doctor;
mod init;
mod jobs;
mod keys;
mod links;
mod migrate;
mod openapi;
mod resolve;
mod script_worker;
mod serve;
mod server;
mod verify;

mod root;

pub use root::run;
pub(crate) use script_worker::SCRIPT_WORKER;
