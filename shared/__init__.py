"""The kernel that five services stand on: deciders, the log, views, the bus, access, audit and web."""
