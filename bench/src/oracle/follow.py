"""Follows the links on stdin with requests; prints a link, a tab, and where it ended (nothing: an error)."""
import socket
import sys

import requests

names = set(sys.argv[1].split(","))
ask = socket.getaddrinfo


def local(host, *rest, **more):
    host = host.decode() if isinstance(host, bytes) else host
    return ask("127.0.0.1" if host in names else host, *rest, **more)


socket.getaddrinfo = local
for link in sys.stdin.read().splitlines():
    session = requests.Session()
    session.trust_env = False
    try:
        ended = session.get(link, timeout=20).url
    except Exception:
        ended = ""
    print(link, ended, sep="\t", flush=True)
