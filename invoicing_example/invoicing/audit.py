"""What the numbers on the invoices, and the counter behind them, look like."""

from typing import Final

from invoicing.series import invoice_numbers
from sequences import Audit, AuditNumbers

SHOWN: Final = 10
"""How many gaps are told one by one."""


def audit_numbers() -> Audit:
    """Look at the numbers of all issued invoices."""
    return AuditNumbers.run(sequence=invoice_numbers, limit=SHOWN).audit


def gaps_told(audit: Audit) -> str:
    """Give the gaps in words: `3, 7 to 9`, or `none`."""
    told = [
        f"{gap.first}" if gap.count == 1 else f"{gap.first} to {gap.last}"
        for gap in audit.gaps.listed
    ]
    if audit.gaps.rest:
        told.append(f"and {audit.gaps.rest} more")
    return ", ".join(told) or "none"
