//! A listener on a free loopback port; its connections end when it is stopped or dropped.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections served at once; further ones wait in the listener's backlog.
const CONNECTIONS_MAX: usize = 4096;

#[derive(Debug)]
pub(crate) struct Listening {
    address: SocketAddr,
    token: CancellationToken,
    tasks: TaskTracker,
}

impl Listening {
    /// Listens on 127.0.0.1 and hands every connection to `serve`.
    pub(crate) async fn start<S, F>(serve: S) -> Self
    where
        S: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound listener has an address");
        let (token, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(accept(listener, serve, tasks.clone(), token.clone()));
        Self { address, token, tasks }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port and every connection; returns when all of it has ended.
    pub(crate) async fn stop(&self) {
        self.token.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.token.cancel();
    }
}

async fn accept<S, F>(listener: TcpListener, serve: S, tasks: TaskTracker, token: CancellationToken)
where
    S: Fn(TcpStream) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("the semaphore is never closed");
        match token.run_until_cancelled(listener.accept()).await {
            None => return,
            Some(Err(_)) => tokio::task::yield_now().await,
            Some(Ok((stream, _))) => {
                let connection = serve(stream);
                tasks.spawn(token.clone().run_until_cancelled_owned(async move {
                    connection.await;
                    drop(place);
                }));
            }
        }
    }
}
