"""Health and, later, metrics and the management API."""
