"""
IssueInvoice.internals (default_mutable_by_attribute.py:10): attribute 'seen'
has a mutable default, which all runs would share. Write factory=dict.
"""

from services import Internals, Service, attribute


class IssueInvoice(Service):
    class internals(Internals):
        seen: dict[str, int] = attribute(default={})
