"""A progress bar for terminals; elsewhere it writes nothing."""

from time import monotonic
from types import TracebackType
from typing import Self, TextIO

WIDTH = 30
PAUSE_S = 0.1  # between two drawings


class Progress:
    """How far one has come, on one line that is written over and wiped at the end."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self.total = total
        self.done = 0
        self._stream = stream
        self._is_shown = total > 0 and stream.isatty()
        self._began = monotonic()
        self._drawn = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._is_shown:
            self._stream.write("\r\033[K")

    def step(self) -> None:
        """Count one more."""
        self.done += 1
        now = monotonic()
        if self._is_shown and now - self._drawn >= PAUSE_S:
            self._drawn = now
            self._draw(now - self._began)

    def _draw(self, elapsed_s: float) -> None:
        share = min(self.done / self.total, 1)
        bar = ("#" * int(share * WIDTH)).ljust(WIDTH, ".")
        rate = self.done / elapsed_s if elapsed_s else 0
        self._stream.write(f"\r[{bar}] {self.done} of {self.total}  {rate:.0f}/s\033[K")
        self._stream.flush()
