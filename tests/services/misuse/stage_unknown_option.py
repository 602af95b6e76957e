"""
IssueInvoice (stage_unknown_option.py:10): stage() has no option 'recovr'. Did
you mean 'recover'?
"""  # noqa: D400

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("save"), recovr="retry"),)
