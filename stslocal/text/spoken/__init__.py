"""Writes text as it is spoken: whole tokens are classified, then each class is said in words."""
