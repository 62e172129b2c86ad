"""dbt: the properties of models, sources, seeds and snapshots, read."""
