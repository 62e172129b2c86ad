"""The append-only, signed Merkle log of everything that was decided."""
