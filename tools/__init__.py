"""Programs for Myelin's own developers; none of them is needed to run it."""
