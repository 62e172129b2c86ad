"""A period of the trail to a review, to HTML, to PDF."""
