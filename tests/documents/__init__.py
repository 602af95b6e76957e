"""An app with a document to number, for tests that need a table of them."""
