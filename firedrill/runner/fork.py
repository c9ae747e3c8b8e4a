"""A child process that inherits what is imported, and takes none of it apart."""

from __future__ import annotations

import gc
from multiprocessing.process import BaseProcess


def start(process: BaseProcess) -> None:
    """Start a forked process. What is there now is never garbage in it: an object of a library whose threads did not
    come along (a DuckDB connection) must not be taken apart by the child."""
    gc.freeze()
    try:
        process.start()
    finally:
        gc.unfreeze()
