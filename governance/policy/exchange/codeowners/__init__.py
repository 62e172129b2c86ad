"""CODEOWNERS of GitHub: read as it is meant there, and kept in step with the policy files."""
