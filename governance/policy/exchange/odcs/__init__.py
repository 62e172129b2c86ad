"""Open Data Contract Standard, version 3: contracts read and written."""
