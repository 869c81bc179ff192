//! The server's side of SOCKS5 (RFC 1928, RFC 1929), as far as a guarded client goes, and names, which it must not send.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{NotServed, ProxyAsk, ProxyMood, State};

pub(super) async fn admit(client: &mut TcpStream, state: &State) -> Result<(), NotServed> {
    negotiate(client, state).await.map_err(|_| NotServed)
}

async fn negotiate(client: &mut TcpStream, state: &State) -> io::Result<()> {
    let methods = counted_after_version(client).await?;
    let credentials = if let ProxyMood::ServeKnown(user, password) = state.mood() {
        if !methods.contains(&2) {
            client.write_all(&[5, 0xff]).await?;
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        client.write_all(&[5, 2]).await?;
        Some(authenticate(client, &user, &password).await?)
    } else {
        client.write_all(&[5, 0]).await?;
        None
    };
    let mut request = [0; 4];
    client.read_exact(&mut request).await?;
    let target = target(client, request[3]).await?;
    let admitted = state.admits(ProxyAsk { target, credentials });
    client.write_all(&[5, if admitted { 0 } else { 2 }, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    if admitted { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

async fn counted_after_version(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let _version = client.read_u8().await?;
    counted(client).await
}

async fn authenticate(client: &mut TcpStream, user: &str, password: &str) -> io::Result<(String, String)> {
    let given = [counted_after_version(client).await?, counted(client).await?];
    let given = given.map(|part| String::from_utf8_lossy(&part).into_owned());
    let known = given == [user, password];
    client.write_all(&[1, u8::from(!known)]).await?;
    let [user, password] = given;
    if known { Ok((user, password)) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

async fn target(client: &mut TcpStream, kind: u8) -> io::Result<String> {
    match kind {
        1 => {
            let address = Ipv4Addr::from(client.read_u32().await?);
            Ok(SocketAddr::from((address, client.read_u16().await?)).to_string())
        }
        4 => {
            let address = Ipv6Addr::from(client.read_u128().await?);
            Ok(SocketAddr::from((address, client.read_u16().await?)).to_string())
        }
        _ => {
            let name = String::from_utf8_lossy(&counted(client).await?).into_owned();
            Ok(format!("{name}:{}", client.read_u16().await?))
        }
    }
}

/// As many bytes as the next one says.
async fn counted(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(client.read_u8().await?)];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}
