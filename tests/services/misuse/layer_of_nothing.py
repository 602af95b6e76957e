"""
IssueInvoice (layer_of_nothing.py:9): 'inputs' is not made of Inputs. Write
'class inputs(Inputs)'.
"""

from services import Service


class IssueInvoice(Service):
    class inputs:
        total: int
