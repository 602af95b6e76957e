"""Commands that mirror the services."""
