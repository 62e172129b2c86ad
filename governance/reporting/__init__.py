"""A period of the trail becomes a review, and the review HTML or PDF."""
