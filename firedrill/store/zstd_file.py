"""A .zst file as a stream of bytes, frame after frame, that says when it has been cut short."""

from __future__ import annotations

import io
from typing import BinaryIO

import zstandard

_CHUNK = 1 << 16


class ZstdFile(io.RawIOBase):
    """Reads forward; a seek back starts again. EOFError where the last frame is not whole."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._file: BinaryIO = open(path, "rb")  # noqa: SIM115  # closed with this stream
        self._start()

    def _start(self) -> None:
        self._file.seek(0)
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._ready, self._packed, self._at = b"", b"", 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("a compressed file is read from its start")
        if offset < self._at:
            self._start()
        while self._at < offset and self.read(min(_CHUNK, offset - self._at)):
            pass
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # no other buffer is given
        while not self._ready and self._more():
            pass
        count = min(len(buffer), len(self._ready))
        buffer[:count], self._ready = self._ready[:count], self._ready[count:]
        self._at += count
        return count

    def _more(self) -> bool:
        """Unpacks some more; False at the end."""
        packed = self._packed or self._file.read(_CHUNK)
        if not packed:
            if self._frame:
                raise EOFError("Compressed file ended before the end-of-stream marker was reached")
            return False
        frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
        self._ready = frame.decompress(packed)
        self._packed = frame.unused_data
        self._frame = None if frame.eof else frame
        return True

    def close(self) -> None:
        self._file.close()
        super().close()
