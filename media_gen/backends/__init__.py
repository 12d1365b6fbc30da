"""Plug-ins that make images. See docs/backends.md for how to add one."""
