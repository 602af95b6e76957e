"""A Django project that gives invoices their numbers."""
