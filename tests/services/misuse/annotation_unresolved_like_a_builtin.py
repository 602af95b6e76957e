"""
IssueInvoice.inputs (annotation_unresolved_like_a_builtin.py:11): annotation
'Kind' of 'kind' cannot be resolved (name 'Kind' is not defined). Define or
import it above the class, outside of 'if TYPE_CHECKING'.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        kind: "Kind"  # noqa: F821
