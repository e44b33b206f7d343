"""What flows: one message context, its lazy payload, its headers, and the codecs."""
