"""FreeMarker templates of payloadFactory: the documented subset, translated to Jinja2 and run in its sandbox.

``parser.py`` reads a template, ``translate.py`` makes Jinja2's tree of it, ``values.py`` and ``builtins.py`` are what
its expressions work on, ``template.py`` renders. Jinja2 is imported with the first template, not at start.
"""
