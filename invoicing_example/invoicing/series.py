"""The series of numbers that this project gives out."""

from sequences import Sequence

invoice_numbers = Sequence("invoices", column="invoicing.Invoice.number")
