"""YAML files to one effective policy; errors carry file:line:column."""
