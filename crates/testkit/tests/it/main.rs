//! The end-to-end suite: one binary, a real server, real sockets.

mod neighbours;
mod oracle;
mod peeling;
