"""What clients saw.

The final table alone is blind: after a failover that lost acknowledged numbers and gave
them out again, it is gapless and unique. So each process writes its own history, one
JSON line an event:

- `["invoke", operation, time]` before it asks;
- `["saved", operation, time]` after the COMMIT of a document that is to be numbered;
- `["ok", operation, number, time]` after the COMMIT of a number has returned;
- `["fail", operation]` only if the operation certainly left nothing;
- nothing more if it does not know.

Times are nanoseconds of one clock that all processes share. An operation is named after
the process that wanted it: `PROCESS-INDEX`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(kw_only=True)
class Operation:
    """One document that a process wanted numbered, as the process saw it."""

    name: str
    invoked: int
    saved: int | None = None
    number: int | None = None
    acknowledged: int | None = None
    failed: bool = False

    @property
    def process(self) -> str:
        """The process that wanted it."""
        return self.name.rpartition("-")[0]

    @property
    def settled(self) -> int | None:
        """From when on whoever begins comes after it."""
        return self.acknowledged if self.saved is None else self.saved


def read(lines: Iterable[str]) -> list[Operation]:
    """Read histories; a process may have been killed in the middle of a line."""
    operations: dict[str, Operation] = {}
    for line in lines:
        if not line.endswith("\n"):
            continue
        event, name, *rest = json.loads(line)
        match event:
            case "invoke":
                operations[name] = Operation(name=name, invoked=rest[0])
            case "saved":
                operations[name].saved = rest[0]
            case "ok":
                operations[name].number, operations[name].acknowledged = rest
            case "fail":
                operations[name].failed = True
    return list(operations.values())
