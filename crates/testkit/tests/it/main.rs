//! The end-to-end suite: one binary, a real server, real sockets.

mod neighbours;
