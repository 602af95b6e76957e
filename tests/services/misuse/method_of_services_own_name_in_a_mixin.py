"""
IssueInvoice (method_of_services_own_name_in_a_mixin.py:14): 'run' of Logged would
replace what Service has of that name. Choose another.
"""

from services import Service


class Logged:
    @classmethod
    def run(cls) -> None: ...


class IssueInvoice(Logged, Service):
    pass
