"""The programs that are not Python's, and what to say when one is missing."""

from __future__ import annotations

import os
import shutil

PACKAGES = {"nginx": "nginx", "node": "nodejs", "openssl": "openssl", "wrk": "wrk"}
"""Program to the Debian package that brings it."""


def find(program: str) -> str | None:
    """Path of the program. Debian keeps nginx in /usr/sbin, which is not on every user's PATH."""
    return shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


def missing() -> dict[str, str]:
    """Each program that is not installed, with what to do about it."""
    return {
        program: f"{program} is missing: sudo apt-get install {package}"
        for program, package in PACKAGES.items()
        if find(program) is None
    }
