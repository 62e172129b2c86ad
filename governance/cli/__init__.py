"""The door: parse, build, call once, print, exit."""
