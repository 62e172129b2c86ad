"""A run to text, JSON, SARIF and Markdown."""
