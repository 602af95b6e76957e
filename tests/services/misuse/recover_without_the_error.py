"""
IssueInvoice (recover_without_the_error.py:9): recover='retry' must take (self,
error) and nothing more.
"""

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("save"), recover="retry"),)

    def save(self) -> None: ...

    def retry(self) -> None: ...
