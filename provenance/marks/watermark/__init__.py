"""The invisible watermark: a keyed number in the brightness of a picture, and how it is found."""
