"""Policy files from other formats, and other formats from policy files."""
