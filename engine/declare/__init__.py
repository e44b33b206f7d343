"""How a component is declared: one class per tag gives parser, checker, reference and XSD."""
