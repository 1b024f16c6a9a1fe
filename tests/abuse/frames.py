"""A WebSocket by hand, that sends what no client library would send."""

import base64
import json
import os
import socket
import struct
from urllib.parse import urlsplit

SECONDS = 20


class Frames:
    """One socket at `/graphql/v1`. `greet` says who it is, `close_code` waits for the end."""

    def __init__(self, url, protocol="graphql-transport-ws"):
        address = urlsplit(url)
        self.line = socket.create_connection((address.hostname, address.port), timeout=SECONDS)
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.line.sendall(
            f"GET /graphql/v1 HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n".encode()
        )
        self.received = b""
        while b"\r\n\r\n" not in self.received:
            chunk = self.line.recv(4096)
            if not chunk:
                raise ConnectionError("closed within the handshake")
            self.received += chunk
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.decode("latin-1"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.line.close()

    def send(self, text, opcode=1):
        """One message, in one frame; a server that has closed already is fine."""
        data = text.encode() if isinstance(text, str) else text
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, 0xFE, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0xFF, size)
        try:
            self.line.sendall(head + b"\0\0\0\0" + data)  # a mask of zeros leaves the bytes as they are
        except (BrokenPipeError, ConnectionResetError):
            pass

    def say(self, kind, **members):
        """One message of the protocol."""
        self.send(json.dumps({"type": kind} | members))

    def greet(self, key):
        """Says who it is and waits until that is accepted."""
        self.say("connection_init", payload={"apikey": key})
        opcode, data = self.frame()
        if opcode != 1 or json.loads(data)["type"] != "connection_ack":
            raise ConnectionError(f"{opcode} {data!r}")

    def frame(self):
        """The next frame: opcode and bytes; (8, b"") where the connection ends without one."""
        while True:
            whole = self._whole()
            if whole is not None:
                return whole
            try:
                chunk = self.line.recv(65536)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                return 8, b""
            self.received += chunk

    def _whole(self):
        """The first frame of what was received, taken out of it, or None while it is not whole."""
        if len(self.received) < 2:
            return None
        size, at = self.received[1] & 127, 2
        if size >= 126:
            wide = {126: 2, 127: 8}[size]
            size, at = int.from_bytes(self.received[2:2 + wide], "big"), 2 + wide
        if len(self.received) < at + size:
            return None
        opcode, data = self.received[0] & 15, self.received[at:at + size]
        self.received = self.received[at + size:]
        return opcode, data

    def close_code(self):
        """Reads until the server closes; its code, 0 for none."""
        while True:
            opcode, data = self.frame()
            if opcode == 8:
                return int.from_bytes(data[:2], "big")
