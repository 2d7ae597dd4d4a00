"""Real servers for tests and benchmarks, on free ports of 127.0.0.1, ended by their process id."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from config import Settings

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 30


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when something listens; raise RuntimeError if the process ends or nothing does in time."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


def end(process: subprocess.Popen[bytes], with_signal: int = signal.SIGTERM) -> None:
    """End a process that we started and wait for it."""
    if process.poll() is None:
        process.send_signal(with_signal)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def postgres_programs() -> Path | None:
    """Return the folder of Debian's newest PostgreSQL server, None when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda file: int(file.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server of our own; yield the address of its maintenance database.

    Durability is as in production. As root the server runs as ``postgres`` (initdb refuses root).
    """
    programs = postgres_programs()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="quizapp-postgres-"))
    owner = _unprivileged(folder)
    port = free_port()
    run = {"user": owner, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [
            programs / "initdb", "-D", folder / "data", "-U", "quizapp", "-E", "UTF8",
            "--locale=C.UTF-8", "--auth=trust",
        ],
        check=True, **run,  # type: ignore[call-overload]  # the same arguments for both calls
    )  # fmt: skip
    server = subprocess.Popen(
        [
            programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder,
            "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200",
        ],
        **run,  # type: ignore[call-overload]  # the same arguments for both calls
    )  # fmt: skip
    try:
        wait_for_port(port, server)
        _wait_until_ready(port)
        yield f"postgresql+psycopg://quizapp@127.0.0.1:{port}/postgres"
    finally:
        end(server, signal.SIGINT)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(port: int) -> None:
    """Return when PostgreSQL answers: it listens a while before it is ready."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=quizapp dbname=postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _unprivileged(folder: Path) -> str | None:
    """Hand the folder to the user that the server runs as; None when we are nobody special ourselves."""
    if os.geteuid() != 0:
        return None
    owner = pwd.getpwnam("postgres")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return owner.pw_name


def environment_of(settings: Settings, **changes: str) -> dict[str, str]:
    """Return the environment of a server on the same database, as these settings have it."""
    return {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "VAR_DIR": str(settings.var_dir),
        "ARGON2_TIME_COST": str(settings.argon2_time_cost),
        "ARGON2_MEMORY_KIB": str(settings.argon2_memory_kib),
        "SECOND_FACTOR_FOR": ",".join(settings.second_factor_for),
        "JOBS_URL": settings.jobs_url,
        **changes,
    }


@contextmanager
def gunicorn(
    environment: Mapping[str, str], application: str = "wsgi:app", workers: int = 2, threads: int = 4
) -> Iterator[str]:
    """Run the application under gunicorn, configured as in production; yield its address."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", str(workers), "--threads", str(threads), "--no-control-socket", "--log-level", "warning",
        application,
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        wait_for_port(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        end(server)


def nginx_program() -> str | None:
    """Return Debian's nginx, None when there is none; /usr/sbin is not on everybody's path."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@contextmanager
def nginx(address: str) -> Iterator[str]:
    """Run an nginx that keeps whatever `address` lets it keep; yield its own address.

    It is set up as carelessly as one can be: nothing but the application's Cache-Control keeps a page out of
    the cache, and X-Cache says where an answer came from.
    """
    program = nginx_program()
    if program is None:
        raise RuntimeError("nginx is not installed")
    folder = Path(tempfile.mkdtemp(prefix="quizapp-nginx-"))
    port = free_port()
    (folder / "nginx.conf").write_text(_careless_cache(folder, port, address))
    server = subprocess.Popen(
        [program, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]
    )
    try:
        wait_for_port(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        end(server)
        shutil.rmtree(folder, ignore_errors=True)


def _careless_cache(folder: Path, port: int, address: str) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return f"""
{"user root;" if os.geteuid() == 0 else ""}
daemon off;
pid {folder}/pid;
events {{ }}
http {{
  access_log off;
  {" ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)}
  proxy_cache_path {folder}/cache keys_zone=everything:1m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass {address};
      proxy_set_header Host $http_host;
      proxy_cache everything;
      proxy_cache_valid any 10m;
      proxy_ignore_headers Set-Cookie Vary;
      add_header X-Cache $upstream_cache_status always;
    }}
  }}
}}
"""


@contextmanager
def redis() -> Iterator[str]:
    """Run a Redis server of our own; yield its address."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("Redis is not installed")
    folder = Path(tempfile.mkdtemp(prefix="quizapp-redis-"))
    port = free_port()
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        end(server)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def identity_provider(module: str = "oidc_provider_mock", *options: str) -> Iterator[str]:
    """Run an OpenID Connect provider of our own; yield its address."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", module, "--port", str(port), "--require-nonce", *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        end(server)


@contextmanager
def worker(environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker of background jobs; yield its process."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "work"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        end(process)
