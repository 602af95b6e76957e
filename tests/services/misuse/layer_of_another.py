"""
IssueInvoice (layer_of_another.py:9): 'outputs' is not made of Outputs. Write
'class outputs(Outputs)'.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class outputs(Inputs):
        number: str
