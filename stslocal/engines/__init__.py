"""One folder per engine: its entry.py says what it is, the rest makes it run.

`protocols` defines the methods of each kind of engine, `registry` finds the engines and loads them.
Importing an engine changes nothing in the process; what may be changed is in `process`.
"""
