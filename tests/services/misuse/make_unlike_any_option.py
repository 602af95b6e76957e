"""
IssueInvoice (make_unlike_any_option.py:10): make() has no option 'zzz'. It has
only_if, only_unless, before, after.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save", zzz=1),)
