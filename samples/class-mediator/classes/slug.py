"""Makes an address of a title."""

import re

from engine.api import JavaClass, MessageContext, java_class


@java_class("com.example.blog.SlugMediator")
class Slug(JavaClass):
    """Puts the slug of the member ``title`` into the property ``slug``."""

    longest: int = 40

    def mediate(self, message: MessageContext) -> None:
        words = re.findall(r"[a-z0-9]+", str(message.payload.json()["title"]).lower())
        message.set_property("slug", "-".join(words)[: self.longest])
