"""
IssueInvoice.inputs (attribute_unknown_option.py:11): attribute() has no option
'defualt'. Did you mean 'default'?
"""  # noqa: D400

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(defualt=5)
