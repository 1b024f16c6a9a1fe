"""Starts the built binary on a copy of a project and stops it again.

`BISTRO_BIN` names the binary. Nothing is written into the checkout: the project is copied to a temporary folder, and the
server listens on a free port.
"""

import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("BISTRO_BIN") or ROOT / "target" / "debug" / "bistro").resolve()
START_SECONDS = 30
STOP_SECONDS = 20


class Server:
    """One running server. Use it with `with`, or call `start` and `stop`."""

    def __init__(self, project, command="serve", seed=True, settings=None):
        self.home = Path(tempfile.mkdtemp(prefix="bistro-test-"))
        self.folder = self.home / "project"
        shutil.copytree(project, self.folder, ignore=shutil.ignore_patterns("data", "__pycache__"))
        self.command = command
        self.seeded = not seed
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("BISTRO_")} | (settings or {})
        self.process = None

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.remove()
            raise

    def __exit__(self, *_):
        self.stop()
        self.remove()

    def start(self):
        """Starts the server, seeds it the first time, and reads its address and keys."""
        self.log = (self.home / "server.log").open("ab")
        self.process = subprocess.Popen(
            [BINARY, self.command, ".", "--listen", "127.0.0.1:0"],
            cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
        )
        self.url = self._address()
        if not self.seeded and self.command == "serve":
            self.bistro("seed", *sorted(str(p) for p in (self.folder / "seed").glob("*.json*")))
        self.seeded = True
        self.keys = json.loads(self.bistro("keys", "list", "--json"))
        self.key, self.secret = self.keys["publishable"], self.keys["secret"]
        return self

    def _address(self):
        """The address in the first line; the rest of the output is drained so that the server never blocks on it."""
        lines = queue.Queue()

        def drain(stream):
            for line in stream:
                lines.put(line.decode("utf-8", "replace"))
            lines.put("")

        threading.Thread(target=drain, args=(self.process.stdout,), daemon=True).start()
        try:
            line = lines.get(timeout=START_SECONDS)
        except queue.Empty:
            line = ""
        words = line.split()
        if not line.startswith("Bistro listening on "):
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"the server did not start: {line!r}\n{self.logged()}")
        return words[3].rstrip("/")

    def bistro(self, *arguments, check=True):
        """Runs a command of the binary in the project's folder and returns what it prints."""
        done = subprocess.run(
            [BINARY, *arguments], cwd=self.folder, env=self.environment, capture_output=True, timeout=120,
        )
        if check and done.returncode != 0:
            said = (done.stdout + done.stderr).decode("utf-8", "replace")
            raise RuntimeError(f"bistro {' '.join(arguments)} ended with {done.returncode}: {said}\n{self.logged()}")
        return done.stdout.decode("utf-8").strip()

    def token(self, sub="01920000-0000-7000-8000-000000000001", role="authenticated"):
        """A token for somebody."""
        return self.bistro("keys", "token", "--sub", sub, "--role", role)

    def logged(self):
        """The end of the server's log."""
        return (self.home / "server.log").read_text("utf-8", "replace")[-4000:]

    def kill(self):
        """Ends the server as a power cut would, without a word."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def stop(self):
        """Asks the server to end and returns its exit code; one that does not end is killed and answers None."""
        if self.process is None or self.process.poll() is not None:
            return self.process and self.process.returncode
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def remove(self):
        """Removes the copy of the project."""
        shutil.rmtree(self.home, ignore_errors=True)


class Tally:
    """Counts checks, prints those that fail, and ends with one line."""

    def __init__(self, name):
        self.name, self.passed, self.failed, self.began = name, 0, 0, time.monotonic()

    def check(self, what, holds, said=""):
        """One check."""
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what}" + (f"\n       {said}" if said else ""), flush=True)
        return holds

    def end(self):
        """Prints the line and answers the exit code."""
        seconds = time.monotonic() - self.began
        print(f"{self.name}: {self.passed} passed, {self.failed} failed ({seconds:.0f} s)", flush=True)
        return 1 if self.failed or not self.passed else 0
