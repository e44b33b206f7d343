"""One file = one tag. The catalogue scans this package; there is no list to edit."""
