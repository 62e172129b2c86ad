"""Made-up values of many entities, a workspace that is full of them, and a search for them."""
