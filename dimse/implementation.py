"""How Dermgate names itself in associations and in file meta information (PS3.7 D.3.3.2, PS3.10 7.1)."""

IMPLEMENTATION_CLASS_UID = "2.25.180567511072741952457310375919391539255"
"""Drawn once at random; says which implementation wrote, not which release."""

IMPLEMENTATION_VERSION_NAME = "DERMGATE"
"""At most 16 characters."""
