"""What happens to invoices, one service a file."""
