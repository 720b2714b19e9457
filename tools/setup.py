"""Set Peyvand up in this folder: virtual environment, locked packages, catalogues, front end, test browser.

Needs nothing but Python itself. Every step is skipped when what it depends on has not changed.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import browser
import catalogues

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "setup.json"
UNFINISHED = VENV / "unfinished"
LOG = VENV / "setup.log"
FRONTEND = ROOT / "frontend"
MANIFEST = ROOT / "src" / "peyvand" / "web" / "static" / "peyvand" / "manifest.json"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
NETWORK_SIGNS = (
    "Temporary failure in name resolution", "Name or service not known", "nodename nor servname",
    "NewConnection", "Network is unreachable", "Connection refused", "timed out", "Max retries",
    "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "Could not resolve",
    "ProxyError", "SSLError",
)  # fmt: skip


class SetupFailed(Exception):
    """Set-up cannot go on; the message is one sentence that says what to do."""


def main() -> int:
    """Run all steps; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--browser", action="store_true", help="also a Chromium for the browser tests")
    chosen = parser.parse_args()
    try:
        _check_python()
        with _alone():
            _prepare(dev=chosen.dev)
            if chosen.browser:
                _find_browser()
    except SetupFailed as failure:
        print(f"\nSet-up stopped: {failure}", file=sys.stderr)
        return 1
    except OSError as failure:
        print(f"\nSet-up stopped: {_plain(str(failure))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up interrupted; run it again to go on.", file=sys.stderr)
        return 130
    return 0


def _prepare(*, dev: bool) -> None:
    stamps = _read_stamps()
    interpreter = f"{sys.version_info.major}.{sys.version_info.minor}"
    if UNFINISHED.exists() or not PYTHON.exists() or stamps.get("python", interpreter) != interpreter:
        _make_venv()
        stamps = {}
    if not stamps and not _works():
        _make_venv()
    stamps["python"] = interpreter

    runtime, everything = _digest(ROOT / "requirements.lock"), _digest(ROOT / "requirements-dev.lock")
    if dev and stamps.get("dev") != everything:
        _install("Python packages, with those for tests", "requirements-dev.lock")
        stamps.update(dev=everything, runtime=runtime)
        _write_stamps(stamps)
    elif stamps.get("runtime") != runtime:
        _install("Python packages", "requirements.lock")
        stamps["runtime"] = runtime
        _write_stamps(stamps)

    project = _digest(ROOT / "pyproject.toml", ROOT / "tools" / "backend.py")
    if stamps.get("project") != project or not (VENV / "bin" / "peyvand").exists():
        with _step("Peyvand itself"):
            _pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        stamps["project"] = project
        _write_stamps(stamps)

    if catalogues.stale():
        with _step("Translations"):
            _call(
                [str(PYTHON), str(ROOT / "tools" / "catalogues.py")], "The translations could not be compiled"
            )
    _build_frontend(stamps)


def _build_frontend(stamps: dict[str, str]) -> None:
    packages = _digest(FRONTEND / "package-lock.json")
    sources = _digest(*_frontend_sources())
    if stamps.get("frontend") == sources and MANIFEST.exists():
        return
    environ = _node_environment(stamps)
    if stamps.get("npm") != packages or not (FRONTEND / "node_modules").is_dir():
        with _step("Front-end packages"):
            _call(
                ["npm", "ci", "--no-audit", "--no-fund", "--no-progress"],
                "The front-end packages could not be installed", FRONTEND, environ,
            )  # fmt: skip
        stamps["npm"] = packages
        _write_stamps(stamps)
    with _step("Front end"):
        _call(["npm", "run", "build"], "The front end could not be built", FRONTEND, environ)
    stamps["frontend"] = sources
    _write_stamps(stamps)


def _node_environment(stamps: dict[str, str]) -> dict[str, str]:
    """The environment with a usable node first in PATH: the machine's, or the one of a Python package."""
    environ = {**os.environ, "npm_config_update_notifier": "false", "npm_config_loglevel": "error"}
    if not os.access(Path.home(), os.W_OK):
        environ["npm_config_cache"] = str(VENV / "npm-cache")
    if _node_version() >= OLDEST_NODE and shutil.which("npm"):
        return environ
    lock = _digest(ROOT / "requirements-node.lock")
    if stamps.get("node") != lock:
        _install("Node.js", "requirements-node.lock")
        stamps["node"] = lock
        _write_stamps(stamps)
    return {**environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{environ.get('PATH', os.defpath)}"}


def _node_version() -> int:
    if not shutil.which("node"):
        return 0
    shown = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    number = re.match(r"v(\d+)", shown)
    return int(number[1]) if number else 0


def _find_browser() -> None:
    if browser.chromium():
        return
    advice = "install Chromium or Google Chrome (Debian: apt install chromium), or set PEYVAND_CHROMIUM"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetupFailed(f"the browser tests find no Chromium; {advice}.")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _step("Chromium for the browser tests"):
        _call(["apt-get", "update", "-qq"], "The package lists could not be read", environ=environ)
        _call(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
            f"Chromium could not be installed; {advice}", environ=environ,
        )  # fmt: skip
    if not browser.chromium():
        raise SetupFailed(f"the Chromium that apt installed does not start; {advice}.")


def _check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        wanted, found = ".".join(map(str, OLDEST_PYTHON)), ".".join(map(str, sys.version_info[:2]))
        raise SetupFailed(
            f"Python {wanted} or newer is needed, but this is {found};"
            " name another one, as in: make PYTHON=python3.12 run"
        )
    if not find_spec("venv") or not find_spec("ensurepip"):
        raise SetupFailed("Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv.")


def _make_venv() -> None:
    with _step("Virtual environment"):
        shutil.rmtree(VENV, ignore_errors=True)
        _call([sys.executable, "-m", "venv", str(VENV)], "The virtual environment could not be made")


def _works() -> bool:
    try:
        return (
            subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode
            == 0
        )
    except OSError:
        return False


def _install(title: str, lock: str) -> None:
    with _step(title):
        _pip("--require-hashes", "--requirement", str(ROOT / lock))


def _pip(*arguments: str) -> None:
    # Left behind only when the process dies in the middle: then packages may be half copied.
    UNFINISHED.touch()
    _call(
        [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", *arguments],
        "The Python packages could not be installed", environ={**os.environ, "PIP_USER": "0"},
        finally_remove=UNFINISHED,
    )  # fmt: skip


def _call(
    command: Sequence[str],
    what: str,
    folder: Path = ROOT,
    environ: Mapping[str, str] | None = None,
    finally_remove: Path | None = None,
) -> None:
    """Run a program quietly; its output goes to the log, and a failure becomes one sentence."""
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("a+", encoding="utf-8", errors="replace") as log:
        start = log.seek(0, os.SEEK_END)
        finished = subprocess.run(
            command, cwd=folder, env={**(environ or os.environ), "PYTHONUTF8": "1"}, stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        if finally_remove:
            finally_remove.unlink(missing_ok=True)
        if finished.returncode:
            log.seek(start)
            raise SetupFailed(_reason(what, log.read()))


def _reason(what: str, output: str) -> str:
    if "No space left on device" in output or "ENOSPC" in output:
        return _plain(output)
    if "DO NOT MATCH THE HASHES" in output:
        return f"{what}: a downloaded package differs from the locked one (details: {LOG})."
    if any(sign in output for sign in NETWORK_SIGNS):
        return f"{what}: the package registry cannot be reached; check the network and run it again."
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"\b(error|ERR!)", line, re.IGNORECASE)]
    return f"{what}: {(telling or lines[-1:] or ['no reason was given'])[0]} (details: {LOG})."


def _plain(text: str) -> str:
    if "No space left on device" in text or "ENOSPC" in text:
        return f"the disk that holds {ROOT} is full; free some space and run it again."
    return text


def _frontend_sources() -> list[Path]:
    """What the front end is built from; what the build itself makes there would have it built again."""
    packages, *made = (FRONTEND / name for name in ("node_modules", "dist", "coverage", "src/fonts"))
    return sorted(
        path
        for top in FRONTEND.iterdir()
        if top != packages
        for path in ([top] if top.is_file() else top.rglob("*"))
        if path.is_file() and not any(path.is_relative_to(folder) for folder in made)
    )


def _digest(*files: Path) -> str:
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.relative_to(ROOT)}\n".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def _read_stamps() -> dict[str, str]:
    try:
        stamps: dict[str, str] = json.loads(STAMPS.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return stamps


def _write_stamps(stamps: Mapping[str, str]) -> None:
    part = STAMPS.with_suffix(".part")
    part.write_text(json.dumps(stamps, indent=1), encoding="utf-8")
    part.replace(STAMPS)


@contextmanager
def _step(title: str) -> Iterator[None]:
    """Show one line: what is being done, then how long it took."""
    print(f"  {title} … ", end="", flush=True)
    start = time.monotonic()
    yield
    print(f"{time.monotonic() - start:.1f} s", flush=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Only one set-up at a time works in this folder."""
    with Path(__file__).open("rb") as itself:
        fcntl.flock(itself, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
