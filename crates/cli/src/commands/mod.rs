//! The subcommands, one file each.

mod deliveries;
mod doctor;
mod init;
mod jobs;
mod keys;
mod migrate;
mod openapi;
mod resolve;
mod serve;
mod server;
mod verify;

mod root;

pub use root::run;
