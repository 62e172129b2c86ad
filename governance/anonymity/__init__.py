"""The declared protection of a field against its values: redacted, masked, hashed or clear."""
