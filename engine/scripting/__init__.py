"""JavaScript for the script mediator: an embedded QuickJS that sees a message as JSON and nothing of the host."""
