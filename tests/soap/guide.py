"""The snippets of the guide, run as they stand: each must end well, and its last line be the kind of the fault that it meets."""

import os
import re
import subprocess
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "soap.md"
LAST = "NotFound"


def snippet(language):
    """The one block of a language."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    if len(blocks) != 1:
        raise SystemExit(f"{PAGE} has {len(blocks)} blocks of {language}")
    return blocks[0]


def variables(server):
    """What the snippets find in the environment."""
    return {"BISTRO_URL": server.url, "SECRET": server.secret}


def run(server, language, command):
    """Runs a snippet, given to the command as its input. Answers what is wrong, or nothing."""
    told = os.environ | variables(server)
    ran = subprocess.run(command, input=snippet(language), env=told, capture_output=True, text=True, timeout=60, check=False)
    if ran.returncode == 0 and ran.stdout.rstrip().endswith(LAST):
        return None
    return f"exit {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
