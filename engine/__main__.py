"""``python -m engine`` is ``myelin``."""

from engine.cli.main import main

main()
