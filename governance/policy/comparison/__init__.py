"""What one version of the policies says beside another."""
