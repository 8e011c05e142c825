"""The engines, one folder each: its entry.py describes it, the other files run it.

`protocols` defines the methods of each kind of engine, `registry` finds the engines and loads them.
Importing an engine changes nothing in the process; `process` holds the functions that do.
"""
