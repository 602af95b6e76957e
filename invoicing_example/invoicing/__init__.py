"""Customers, drafts, and invoices numbered without a gap."""
