"""Taking XML elements out of their tree."""

from __future__ import annotations

import copy

from engine.message.codecs.xml import Element


def alone(element: Element) -> Element:
    """A copy without the text behind it. Unlike an element that is moved it keeps its prefixes."""
    twin = copy.deepcopy(element)
    twin.tail = None
    return twin


def detach(element: Element) -> None:
    """Take an element out of its parent; the text behind it stays there."""
    parent = element.getparent()
    if parent is None:
        return
    tail, element.tail = element.tail, None
    if tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    parent.remove(element)
