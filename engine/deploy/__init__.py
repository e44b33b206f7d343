"""Files -> checked artifacts -> an immutable snapshot; and again when files change."""
