"""What the last runs measured; deletable and rebuildable."""
