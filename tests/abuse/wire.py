"""Raw requests over a socket: what no client library would let out."""

import json
import socket
from urllib.parse import urlsplit

SECONDS = 20


class Answer:
    """What came back: the status (0 if the connection was closed without a word), headers and body."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def error(self):
        """The error object, or None if the body is not one."""
        try:
            said = json.loads(self.body)
        except ValueError:
            return None
        keys = {"code", "message", "details", "hint"}
        return said if isinstance(said, dict) and keys <= said.keys() and said["message"] else None

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


def send(url, method, path, headers=None, body=None):
    """One request; `path` and `body` are bytes or text and go out as they are. Raises TimeoutError on a hang."""
    address = urlsplit(url)
    path = path.encode() if isinstance(path, str) else path
    body = body.encode() if isinstance(body, str) else body
    lines = [method.encode() + b" " + path + b" HTTP/1.1", b"Host: " + address.netloc.encode(), b"Connection: close"]
    for name, value in (headers or {}).items():
        lines.append(name.encode() + b": " + (value.encode() if isinstance(value, str) else value))
    if body is not None:
        lines.append(b"Content-Length: " + str(len(body)).encode())
    return raw(url, b"\r\n".join(lines) + b"\r\n\r\n" + (body or b""))


def raw(url, data):
    """Sends bytes and reads until the connection closes."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=SECONDS) as line:
        try:
            line.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # The server may refuse before it has read everything; its answer is still there to read.
        received = b""
        try:
            while chunk := line.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
    head, _, body = received.partition(b"\r\n\r\n")
    first, *rest = head.split(b"\r\n")
    words = first.split(b" ")
    if len(words) < 2:
        return Answer(0, {}, b"")
    headers = {name.strip().lower().decode(): value.strip().decode("latin-1") for name, _, value in (h.partition(b":") for h in rest)}
    if headers.get("transfer-encoding") == "chunked":
        body = unchunk(body)
    return Answer(int(words[1]), headers, body)


def unchunk(body):
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size or b"0", 16)
        if length == 0:
            break
        whole, body = whole + body[:length], body[length + 2:]
    return whole
