"""The series of numbers that this project gives out."""

from sequences import Guarantee, Sequence

invoice_numbers = Sequence("invoices", column="invoicing.Invoice.number")

grouped_invoice_numbers = Sequence(
    "invoices", guarantee=Guarantee.GROUPED, column="invoicing.Invoice.number"
)
"""The same series and the same counter, taken in groups."""
