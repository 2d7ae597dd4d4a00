"""Make the file that holds an installation's secret key: ``python -m quizapp.secret FILE``.

It stands apart from the application, which does not start without a key.
"""

import os
import secrets
import sys
from pathlib import Path


def make_secret(file: Path) -> bool:
    """Write a new key readable by its owner alone; leave an existing one. True if one was made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_urlsafe(48) + "\n")
    return True


if __name__ == "__main__":
    make_secret(Path(sys.argv[1]))
