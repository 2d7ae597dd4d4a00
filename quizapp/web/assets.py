"""Style sheets, scripts and pictures under names that carry their digest, compressed beforehand.

``flask assets build`` collects them into ``var/assets``; WhiteNoise serves them from there and
tells browsers to keep them for ever. Without a build (a test, a first look) Flask serves them plain.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import brotli
import click
import flask_bootstrap
from flask import Flask, current_app, url_for
from flask.cli import AppGroup
from whitenoise import WhiteNoise

PREFIX = "assets"
MANIFEST = "manifest.json"
DIGEST_LENGTH = 12
COMPRESSED = {".css", ".js", ".svg", ".json"}
#: What is taken from Bootstrap-Flask's own files.
BOOTSTRAP_CSS = "css/bootstrap.min.css"

group = AppGroup("assets", help="Style sheets, scripts and pictures.")


def sources(static: Path) -> dict[str, Path]:
    """Return the files to serve, by the name that templates use."""
    bootstrap = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / BOOTSTRAP_CSS
    own = {file.relative_to(static).as_posix(): file for file in static.rglob("*") if file.is_file()}
    return {"vendor/bootstrap.min.css": bootstrap, **own}


def build(static: Path, target: Path) -> dict[str, str]:
    """Write the named and compressed files to `target`; return the names by the templates' names."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target.parent))
    names: dict[str, str] = {}
    for name, file in sorted(sources(static).items()):
        content = file.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH]
        path = Path(name)
        names[name] = path.with_name(f"{path.stem}.{digest}{path.suffix}").as_posix()
        _write(fresh / names[name], content)
    (fresh / MANIFEST).write_text(json.dumps(names, indent=1))
    fresh.chmod(0o755)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return names


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    if file.suffix in COMPRESSED:
        file.with_name(f"{file.name}.br").write_bytes(brotli.compress(content))
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(content, mtime=0))


def register(app: Flask, folder: Path) -> None:
    """Serve the built assets if there are any, and give templates `asset(name)`."""
    manifest = folder / MANIFEST
    names: dict[str, str] = json.loads(manifest.read_text()) if manifest.exists() else {}
    app.jinja_env.globals["asset"] = lambda name: _address(names, name)
    if names:
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # Flask's documented way
            app.wsgi_app, root=str(folder), prefix=PREFIX, immutable_file_test=lambda *_: True
        )


def _address(names: dict[str, str], name: str) -> str:
    if name in names:
        return f"/{PREFIX}/{names[name]}"
    if name == "vendor/bootstrap.min.css":
        return url_for("bootstrap.static", filename=BOOTSTRAP_CSS)
    return url_for("static", filename=name)


@group.command("build")
def build_command() -> None:
    """Collect, name and compress the assets."""
    names = build(Path(str(current_app.static_folder)), current_app.config["SETTINGS"].var_dir / PREFIX)
    click.echo(f"{len(names)} assets")
