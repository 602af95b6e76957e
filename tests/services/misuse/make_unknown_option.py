"""
IssueInvoice (make_unknown_option.py:10): make() has no option 'onlyif'. Did you
mean 'only_if'?
"""  # noqa: D400

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save", onlyif="is_new"),)
