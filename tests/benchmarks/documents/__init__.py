"""An app whose documents both can number: the peer has no fields of ours."""
