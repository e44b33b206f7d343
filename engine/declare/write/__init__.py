"""Declarations -> text: Markdown reference, XSD."""
